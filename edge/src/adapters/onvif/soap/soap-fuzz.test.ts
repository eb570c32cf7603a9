import { isHubError } from '@hallhub/shared';
import fc from 'fast-check';
import t from 'tap';
import { parseDiscoveryMessage } from '../discovery/discovery-message.js';
import { parseSdp } from '../rtsp/sdp.js';
import { parseNotification } from '../services/pull-point.js';
import { decodeXmlText, parseXml } from './parse-xml.js';
import { readSoapReply } from './soap-reply.js';
import { escapeXml, type XmlNode } from './xml-node.js';

const url = new URL('http://camera/onvif/device_service');
const read = (body: Buffer, status = 200, contentType = 'application/soap+xml') =>
  readSoapReply({ status, rawHeaders: ['Content-Type', contentType], body }, url);

/** What may come out of any bytes: a tree, or a HubError that is no bug. */
const isContained = (decode: () => unknown): boolean => {
  try {
    decode();
    return true;
  } catch (error) {
    return isHubError(error) && error.code !== 'bug' && error.message.length < 700;
  }
};

const whole =
  '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:n="urn:n"><s:Header/><s:Body>' +
  '<n:PullMessagesResponse><n:NotificationMessage><n:Topic>tns1:VideoSource/MotionAlarm</n:Topic><n:Message><tt:Message UtcTime="2026-01-02T03:04:05Z" PropertyOperation="Changed">' +
  '<tt:Source><tt:SimpleItem Name="Source" Value="大厅"/></tt:Source><tt:Data><tt:SimpleItem Name="State" Value="true"/></tt:Data></tt:Message></n:Message></n:NotificationMessage></n:PullMessagesResponse></s:Body></s:Envelope>';

t.test('a whole reply is read, and every part of one is refused', async (t) => {
  const bytes = Buffer.from(whole);
  const message = read(bytes).need('PullMessagesResponse', 'NotificationMessage');
  t.match(parseNotification(message), {
    topic: 'tns1:VideoSource/MotionAlarm',
    items: { Source: '大厅', State: 'true' },
    operation: 'Changed',
    deviceAt: Date.UTC(2026, 0, 2, 3, 4, 5),
    subject: 'tns1:VideoSource/MotionAlarm\nSource=大厅',
  });
  for (let length = 0; length < bytes.length; length++) {
    if (!isContained(() => read(bytes.subarray(0, length)))) t.fail(`cut at ${length}`);
    if (parseDiscoveryMessage(bytes.subarray(0, length), '10.0.0.1') !== undefined) t.fail(`a message at ${length}`);
  }
});

t.test('encodings: by mark, by header, by declaration; a wrong one harms nothing', async (t) => {
  const text = '<a b="大厅">网点</a>';
  const plain = (root: XmlNode) => [root.attribute('b'), root.text()];
  t.same(plain(parseXml(decodeXmlText(Buffer.from(text)))), ['大厅', '网点']);
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
  t.same(plain(parseXml(decodeXmlText(utf16))), ['大厅', '网点']);
  const gbk = Buffer.from('3c613ecdf8b5e33c2f613e', 'hex');
  t.equal(parseXml(decodeXmlText(gbk, 'text/xml; charset=gb2312')).text(), '网点');
  const declared = Buffer.concat([Buffer.from('<?xml version="1.0" encoding="GBK"?>'), gbk]);
  t.equal(parseXml(decodeXmlText(declared)).text(), '网点');
  t.ok(isContained(() => parseXml(decodeXmlText(gbk, 'text/xml; charset=no-such-thing'))));
});

t.test('bombs: entities, depth, numbers of elements and attributes end early', async (t) => {
  const entities = `<!DOCTYPE a [${Array.from({ length: 30 }, (_, i) => `<!ENTITY e${i + 1} "&e${i};&e${i};">`).join('')}]><a>&e30;</a>`;
  t.throws(() => parseXml(entities), { code: 'protocol_violation', message: /document type/ });
  t.throws(() => parseXml('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'), { code: 'protocol_violation' });
  t.throws(() => parseXml('<a>&nobody;</a>'), { code: 'protocol_violation' });
  t.throws(() => parseXml('<a>'.repeat(1_000_000)), { code: 'too_large' });
  t.throws(() => parseXml(`<a>${'<b/>'.repeat(400_000)}</a>`), { code: 'too_large' });
  const before = process.cpuUsage();
  const many = `<a ${Array.from({ length: 100_000 }, (_, i) => `x${i}="${i}"`).join(' ')}/>`;
  t.ok(isContained(() => parseXml(many)));
  // A pattern that looked for namespaces once took minutes over this.
  t.ok(isContained(() => parseXml(`<a ${'xmlns'.repeat(400_000)}`)));
  t.ok(isContained(() => parseXml(`<a>${']]'.repeat(500_000)}</a>`)));
  t.ok(process.cpuUsage(before).user < 5_000_000, 'in proportion to their length: µs of the processor');
});

t.test('names of objects are names like others', async (t) => {
  const root = parseXml('<a><__proto__ x="1">2</__proto__><constructor __proto__="3"/></a>');
  t.equal(root.textAt('__proto__'), '2');
  t.equal(root.at('constructor')?.attribute('nothing'), undefined);
  t.equal(root.at('toString'), undefined);
  t.equal(({} as { x?: unknown }).x, undefined);
});

t.test('an element is written again with the namespaces in force', async (t) => {
  const root = parseXml(
    '<s:E xmlns:s="urn:s" xmlns="urn:d"><p xmlns:q="urn:q"><q:Id x="&lt;1&gt;">7 &amp; 8</q:Id></p></s:E>',
  );
  const again = root.need('p', 'Id').outerXml();
  const copy = parseXml(again);
  t.match(copy.attributes, { 'xmlns:q': 'urn:q', 'xmlns:s': 'urn:s', xmlns: 'urn:d', x: '<1>' });
  t.equal(copy.text(), '7 & 8');
});

t.test('faults of both SOAP versions, and refusals that are none', async (t) => {
  const fault = (inner: string) =>
    Buffer.from(`<s:Envelope xmlns:s="x"><s:Body><s:Fault>${inner}</s:Fault></s:Body></s:Envelope>`);
  const codes = (...list: string[]) =>
    list.reduceRight(
      (inner, code, at) =>
        `<s:${at === 0 ? 'Code' : 'Subcode'}><s:Value>${code}</s:Value>${inner}</s:${at === 0 ? 'Code' : 'Subcode'}>`,
      '',
    );
  const thrown = (body: Buffer, status = 500) => {
    try {
      read(body, status);
    } catch (error) {
      return isHubError(error) ? { code: error.code, message: error.message } : error;
    }
  };
  t.match(thrown(fault(codes('s:Sender', 'ter:NotAuthorized'))), { code: 'unauthenticated' });
  t.match(thrown(fault(codes('s:Receiver', 'ter:ActionNotSupported', 'ter:NoPTZ'))), { code: 'unsupported' });
  t.match(thrown(fault('<faultcode>x</faultcode><faultstring>Method not implemented</faultstring>')), {
    code: 'unsupported',
  });
  t.match(thrown(fault(`${codes('s:Sender')}<s:Reason><s:Text>no  such\npreset</s:Text></s:Reason>`), 400), {
    code: 'device_refused',
    message: /no such preset$/,
  });
  t.match(thrown(Buffer.from('<html>busy</html>'), 503), { code: 'unavailable' });
  t.match(thrown(Buffer.from('<html/>'), 200), { code: 'protocol_violation' });
  t.match(thrown(Buffer.alloc(0), 401), { code: 'unauthenticated' });
});

t.test('any bytes: nothing escapes', async () => {
  const torn = fc
    .tuple(fc.nat(whole.length), fc.nat(whole.length), fc.uint8Array({ maxLength: 40 }))
    .map(([from, cut, bytes]) =>
      Buffer.concat([
        Buffer.from(whole.slice(0, from)),
        bytes,
        Buffer.from(whole.slice(Math.min(from + (cut % 50), whole.length))),
      ]),
    );
  const any = fc.oneof(
    fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes)),
    torn,
  );
  const charset = fc.constantFrom(
    '',
    'text/xml; charset=utf-16',
    'application/soap+xml; charset=gb18030',
    'x; charset=""',
  );
  fc.assert(
    fc.property(any, charset, fc.constantFrom(200, 400, 401, 500), (bytes, contentType, status) => {
      parseDiscoveryMessage(bytes, '10.0.0.1');
      parseSdp(bytes.toString('latin1'));
      return isContained(() => {
        const body = read(bytes, status, contentType);
        for (const node of body.at('PullMessagesResponse')?.all('NotificationMessage') ?? []) parseNotification(node);
      });
    }),
    { numRuns: 3_000 },
  );
});

t.test('text that is escaped comes back, whatever it holds', async () => {
  const allowed = /[^\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/u;
  const text = fc.string({ unit: 'grapheme' }).filter((one) => [...one].every((char) => allowed.test(char)));
  fc.assert(
    fc.property(text, (one) => {
      const root = parseXml(`<a b="${escapeXml(one)}">${escapeXml(one)}</a>`);
      // Attributes: white space becomes blanks (XML 1.0, 3.3.3).
      return root.rawText === one && root.attribute('b')?.length === one.length;
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (one) => isContained(() => parseXml(`<a>${escapeXml(one)}</a>`))),
  );
});
