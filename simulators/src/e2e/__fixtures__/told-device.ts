import { type Behaviour, type DeviceLine, NativeDevice } from '../../peers/native/native-device.js';
import type { TestHall } from '../test-hall.js';
import { waitUntil } from '../wait-until.js';

/** A device that says what the test tells it to. */
class ToldDevice implements Behaviour {
  readonly identity;
  #line: DeviceLine | undefined;

  constructor(model: string, serial: string) {
    this.identity = { vendor: 'hallhub', model, serial, firmware: '1.4.2' };
  }

  start(line: DeviceLine): Disposable {
    this.#line = line;
    return { [Symbol.dispose]: () => undefined };
  }

  execute(): undefined {
    return undefined;
  }

  get line(): DeviceLine | undefined {
    return this.#line;
  }
}

export interface JoinedDevice {
  /** As the cloud knows it. */
  readonly id: string;
  readonly device: NativeDevice;
  readonly line: DeviceLine;
}

/** In the hall, and known in the cloud. */
export const joinHall = async (hall: TestHall, model: string, serial: string): Promise<JoinedDevice> => {
  const told = new ToldDevice(model, serial);
  const device = new NativeDevice({ url: hall.edgeMqtt, behaviour: told, retryMs: 300 });
  device.start();
  const id = await waitUntil(`${model} in the cloud`, async () => {
    const devices = await hall.api.all<{ id: string; serial: string; state: string }>('/devices');
    return told.line && devices.find((one) => one.serial === serial && one.state === 'active')?.id;
  });
  return { id, device, line: told.line as DeviceLine };
};
