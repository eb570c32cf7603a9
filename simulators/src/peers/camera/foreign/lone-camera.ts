/** A camera in a process of its own, for clients that run in another network. Arguments: address, user name, password. Ends with its standard input. */
import { openCamera } from '../camera.js';

const [host = '127.0.0.1', userName = '', password = ''] = process.argv.slice(2);
const camera = await openCamera({
  identity: { manufacturer: 'HallHub', model: 'Dome-2', firmware: '3.1.0', serial: 'T1', hardware: 'A' },
  credential: { userName, password },
  host,
  port: 80,
});
// onvif-util takes one nonce for all its requests, and now and then one date for two of them.
camera.server.signIn.refusesReplays = false;
console.log('READY');
process.stdin.resume();
process.stdin.on('end', async () => {
  const { imaging, reboots } = camera.state;
  console.log(JSON.stringify({ brightness: imaging.brightness, reboots, refused: camera.server.signIn.refused }));
  await camera[Symbol.asyncDispose]();
});
