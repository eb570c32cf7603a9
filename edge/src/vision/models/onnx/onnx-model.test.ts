import { InferenceSession, Tensor } from 'onnxruntime-node';
import t from 'tap';
import { encodeOnnx } from './onnx-model.js';
import { ProtobufWriter } from './protobuf-writer.js';

t.test('protocol buffers as their own documentation has them', async (t) => {
  const hex = (write: (w: ProtobufWriter) => void) => {
    const w = new ProtobufWriter();
    write(w);
    return Buffer.from(w.finish()).toString('hex');
  };
  t.equal(
    hex((w) => w.integer(1, 150)),
    '089601',
  );
  t.equal(
    hex((w) => w.text(2, 'testing')),
    '120774657374696e67',
  );
  t.equal(
    hex((w) => w.message(3, (n) => n.integer(1, 150))),
    '1a03089601',
  );
  t.equal(
    hex((w) => w.integer(1, -2)),
    '08feffffffffffffffff01',
  );
  t.equal(
    hex((w) => w.float(4, 1.5)),
    '250000c03f',
  );
  t.equal(
    hex((w) => w.text(16, '')),
    '820100',
  );
});

t.test('the runtime reads what is written', async (t) => {
  const bytes = encodeOnnx({
    name: 'double and clip',
    inputs: [{ name: 'x', type: 'float32', shape: [2, 2] }],
    outputs: [{ name: 'y', type: 'float32', shape: [4] }],
    nodes: [
      { op: 'Mul', inputs: ['x', 'two'], outputs: ['a'] },
      { op: 'LeakyRelu', inputs: ['a'], outputs: ['b'], attributes: { alpha: { float: 0.5 } } },
      { op: 'Reshape', inputs: ['b', 'flat'], outputs: ['y'] },
    ],
    constants: [
      { name: 'two', type: 'float32', shape: [], data: new Uint8Array(Float32Array.of(2).buffer) },
      { name: 'flat', type: 'int64', shape: [1], data: new Uint8Array(BigInt64Array.of(-1n).buffer) },
    ],
  });
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(1, -2, 3, -4), [2, 2]) });
  t.same(Array.from(y?.data as Float32Array), [2, -2, 6, -4]);
  await session.release();
});
