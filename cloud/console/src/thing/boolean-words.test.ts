import t from 'tap';
import { type BooleanKind, booleanKind } from './boolean-words.js';

t.test('a yes or no is said as its name wants it', async (t) => {
  const cases: [string, string, BooleanKind][] = [
    ['relay1', 'Relay 1', 'wired'],
    ['output4', 'Outlet 4', 'wired'],
    ['input3', 'Input 3', 'wired'],
    ['alarmInput', 'Alarm input', 'wired'],
    ['alarmOutput', 'Alarm output', 'wired'],
    ['inputBad', 'Input not acceptable', 'trouble'],
    ['inputPresent', 'Rectifier input present', 'so'],
    ['batteryFailure', 'Battery failure', 'trouble'],
    ['batteryLow', 'Battery low', 'trouble'],
    ['leak', 'Leak', 'trouble'],
    ['water', 'Water found', 'trouble'],
    ['paperEnd', 'Paper out', 'trouble'],
    ['speakerOpen', 'Speaker line open', 'trouble'],
    ['power', 'Power', 'switched'],
    ['ecoMode', 'Eco mode', 'switched'],
    ['muted', 'Muted', 'switched'],
    ['heartbeatLight', 'Green heartbeat light', 'switched'],
    ['noiseSuppression', 'Noise suppression', 'switched'],
    ['open', 'Door open', 'so'],
    ['locked', 'Locked', 'so'],
    ['exitButton', 'Exit button in use', 'so'],
    ['beeperOff', 'Beeper off', 'so'],
    ['motion', 'Motion', 'there'],
    ['streaming', 'Video stream', 'there'],
    ['charging', 'Charging', 'so'],
    ['displayConnected', 'Display connected', 'so'],
  ];
  for (const [id, en, kind] of cases) t.equal(booleanKind({ id, label: { zh: '甲', en } }), kind, `${id}: ${en}`);
});
