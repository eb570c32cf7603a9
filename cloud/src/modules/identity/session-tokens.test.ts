import t from 'tap';
import { SessionTokens, signedSessionOf } from './session-tokens.js';

t.test('the cookies of a session, whatever else a browser sends', (t) => {
  const plain = 'hallhub.session_token=abc.def';
  t.equal(signedSessionOf(`theme=dark; ${plain}; other=1`), plain);
  t.equal(signedSessionOf(`__Secure-${plain}`), `__Secure-${plain}`);
  t.equal(
    signedSessionOf(`${plain}; ${plain}2`),
    `${plain};${plain}2`,
    'all of them, or one would vouch for the other',
  );
  for (const none of [null, '', 'hallhub.session_tokens=a', 'xhallhub.session_token=a', 'hallhubXsession_token=a']) {
    t.equal(signedSessionOf(none), undefined, String(none));
  }
  t.end();
});

t.test('what is kept of tokens is bounded: so many, and none of any length', (t) => {
  const tokens = new SessionTokens();
  const signed = (i: number) => `hallhub.session_token=${i}.signature`;
  tokens.keep(signed(0), 'token');
  t.equal(tokens.tokenOf(signed(0)), 'token');
  tokens.keep(`${signed(1)};hallhub.session_token=${'x'.repeat(8_000)}`, 'token');
  t.equal(tokens.tokenOf(`${signed(1)};hallhub.session_token=${'x'.repeat(8_000)}`), undefined);
  for (let i = 1; i <= 5_000; i++) tokens.keep(signed(i), String(i));
  t.equal(tokens.tokenOf(signed(0)), undefined, 'the oldest went');
  t.equal(tokens.tokenOf(signed(5_000)), '5000');
  tokens.forget(signed(5_000));
  t.equal(tokens.tokenOf(signed(5_000)), undefined);
  t.end();
});
