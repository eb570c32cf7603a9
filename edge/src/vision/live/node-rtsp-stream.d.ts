declare module 'node-rtsp-stream/mpeg1muxer.js' {
  import type { ChildProcessWithoutNullStreams } from 'node:child_process';
  import type { EventEmitter } from 'node:events';

  /** Starts `ffmpegPath -i url -f mpegts -codec:v mpeg1video …ffmpegOptions -`. Emits `mpeg1data`, `ffmpegStderr`, `exitWithError`. */
  export default class Mpeg1Muxer extends EventEmitter {
    constructor(options: {
      url: string;
      ffmpegPath: string;
      ffmpegOptions?: Readonly<Record<string, string | number>>;
    });
    readonly stream: ChildProcessWithoutNullStreams;
  }
}
