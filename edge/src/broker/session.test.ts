import t from 'tap';
import type { BrokerAccount } from '../config/index.js';
import type { Principal } from './access.js';
import { sessionId } from './session.js';

const of = (userName: string, clientId: string): Principal => ({
  kind: 'account',
  account: { userName, publish: [], subscribe: [] } as BrokerAccount,
  clientId,
});

t.test('no client takes another’s session over by what it calls itself', async (t) => {
  t.not(sessionId(of('shop', 'a/b')), sessionId(of('shop/a', 'b')), 'a name may hold a slash');
  t.not(sessionId(of('shop', 'a')), sessionId(of('shop', 'b')));
  t.not(sessionId({ kind: 'stranger', clientId: 'd' }), sessionId({ kind: 'device', deviceId: 'd', clientId: 'd' }));
});
