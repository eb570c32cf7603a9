/** MQTT 5 section 2.4, as far as a broker tells them to a client. */
const reasons: Readonly<Record<number, string>> = {
  128: 'an error that it does not name',
  129: 'a malformed packet',
  130: 'a protocol error',
  131: 'an error of its own',
  132: 'it does not speak MQTT 5 (set protocolVersion: 4)',
  133: 'it does not take this client id',
  134: 'it does not accept user name and password',
  135: 'this unit is not allowed to',
  136: 'it is not available',
  137: 'it is busy',
  138: 'this unit is banned',
  139: 'it shuts down',
  140: 'it wants another way to sign in',
  141: 'it heard nothing from the unit in time',
  142: 'another client took over this client id',
  143: 'it does not take this topic filter',
  144: 'it does not take this topic',
  149: 'the packet is too large for it',
  150: 'too many messages',
  151: 'a quota is used up',
  152: 'an administrator ended the connection',
  153: 'the payload is not of the format that was said',
  154: 'it keeps no retained messages',
  155: 'it does not offer this QoS',
  156: 'it names another server to use',
  157: 'it has moved to another server',
  158: 'it offers no shared subscriptions',
  159: 'too many connections',
  160: 'the connection lasted as long as it may',
  161: 'it offers no subscription identifiers',
  162: 'it offers no wildcards',
};

/** MQTT 3.1.1 section 3.2.2.3. */
const connackReasons: Readonly<Record<number, string>> = {
  1: 'it does not speak this version of MQTT (set protocolVersion: 4)',
  2: 'it does not take this client id',
  3: 'it is not available',
  4: 'it does not accept user name and password',
  5: 'this unit is not allowed in',
};

export const disconnectReason = (code: number): string =>
  code === 0 ? 'it ended the connection' : (reasons[code] ?? `reason code ${code}`);

export const subackReason = (code: number): string => reasons[code] ?? `reason code ${code}`;

export const connackReason = (error: unknown, protocolVersion: 4 | 5): string => {
  const { code, message } = error as { code?: unknown; message?: string };
  if (typeof code !== 'number') return message || String(code ?? error);
  const known = code < 128 || protocolVersion === 4 ? connackReasons[code] : reasons[code];
  return `it refused the connection: ${known ?? `reason code ${code}`}`;
};
