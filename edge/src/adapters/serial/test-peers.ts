/** An ID-card reader and an LED display as they answer on the wire, for tests; states are set by hand. */
const frameOf = (payload: Buffer): Buffer => {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(payload.length + 1);
  const covered = Buffer.concat([length, payload]);
  return Buffer.concat([
    Buffer.from('aaaaaa9669', 'hex'),
    covered,
    Buffer.from([covered.reduce((xor, byte) => xor ^ byte, 0)]),
  ]);
};

export const cardText = {
  name: '张三丰',
  sex: '1',
  nation: '01',
  birthDate: '19900307',
  address: '浙江省杭州市西湖区文三路1号',
  number: '330106199003071234',
  issuer: '杭州市公安局西湖分局',
  validFrom: '20150101',
  validTo: '20350101',
};

const widths = {
  name: 30,
  sex: 2,
  nation: 4,
  birthDate: 16,
  address: 70,
  number: 36,
  issuer: 30,
  validFrom: 16,
  validTo: 16,
};

/** Bytes of a whole answer to "read the card". */
export const cardFrame = (): Buffer => {
  const text = Buffer.alloc(256, Buffer.from(' ', 'utf16le'));
  let at = 0;
  for (const [id, bytes] of Object.entries(widths)) {
    Buffer.from(cardText[id as keyof typeof cardText], 'utf16le').copy(text, at);
    at += bytes;
  }
  return frameOf(Buffer.concat([Buffer.from('00009001000400', 'hex'), text, Buffer.alloc(1024, 7)]));
};

/** Answers one request of the unit. `card` lies on the reader until it was read once. */
export const newCardReader = () => {
  const reader = {
    card: false,
    requests: [] as string[],
    answer(request: Buffer): Buffer {
      const command = request.subarray(7, 9).toString('hex');
      reader.requests.push(command);
      switch (command) {
        case '11ff':
          return frameOf(Buffer.from('000090', 'hex'));
        case '12ff':
          return frameOf(Buffer.concat([Buffer.from('000090', 'hex'), Buffer.alloc(16, 0xab)]));
        case '2001':
          return reader.card ? frameOf(Buffer.from('00009f00000000', 'hex')) : frameOf(Buffer.from('000080', 'hex'));
        case '2002':
          return frameOf(Buffer.concat([Buffer.from('000090', 'hex'), Buffer.alloc(8)]));
        case '3001':
          reader.card = false;
          return cardFrame();
        default:
          return frameOf(Buffer.from('000021', 'hex'));
      }
    },
  };
  return reader;
};

const ledFrame = (address: number, command: number, data: Buffer): Buffer => {
  const covered = Buffer.concat([Buffer.from([address, command, data.length]), data]);
  return Buffer.concat([
    Buffer.from([0xaa, 0x55]),
    covered,
    Buffer.from([covered.reduce((sum, byte) => (sum + byte) & 0xff, 0)]),
  ]);
};

/** The LED display's side: keeps what it shows as bytes in GB 18030. */
export const newLedDisplay = () => {
  const display = {
    text: Buffer.from('欢迎', 'utf8').subarray(0, 0),
    brightness: 4,
    broken: 0,
    answer(request: Buffer): Buffer {
      const [address = 0, command = 0, length = 0] = request.subarray(2, 5);
      const data = request.subarray(5, 5 + length);
      switch (command) {
        case 1:
          display.text = Buffer.from(data.subarray(2));
          return ledFrame(address, 0x81, Buffer.from([0]));
        case 3:
          if ((data[0] ?? 0) > 8) return ledFrame(address, 0x83, Buffer.from([2]));
          display.brightness = data[0] ?? 0;
          return ledFrame(address, 0x83, Buffer.from([0]));
        case 4:
          display.text = Buffer.alloc(0);
          return ledFrame(address, 0x84, Buffer.from([0]));
        case 5:
          return ledFrame(
            address,
            0x85,
            Buffer.concat([Buffer.from([0, display.brightness, 0xf6, 2, 0x01, 0x20]), display.text]),
          );
        default:
          return ledFrame(address, 0x80 | command, Buffer.from([1]));
      }
    },
  };
  return display;
};
