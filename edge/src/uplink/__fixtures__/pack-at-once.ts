import { syncBuiltinESMExports } from 'node:module';
import zlib, { gzipSync, type InputType, type ZlibOptions } from 'node:zlib';

type Done = (error: Error | null, packed?: Buffer) => void;

/**
 * To be imported before what packs: for tests whose clock is moved by hand. On threads packing takes the machine's own time, and a
 * clock that goes on meanwhile counts it as seconds of the line's.
 */
const packAtOnce = (bytes: InputType, options: ZlibOptions, done: Done): void => {
  const packed = gzipSync(bytes, options);
  queueMicrotask(() => done(null, packed));
};

Object.assign(zlib, { gzip: packAtOnce });
syncBuiltinESMExports();
