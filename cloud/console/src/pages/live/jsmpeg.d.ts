declare module '@cycjimmy/jsmpeg-player' {
  interface Sink {
    write(pts: number, buffers: readonly Uint8Array[]): void;
  }
  interface VideoDecoder extends Sink {
    readonly currentTime: number;
    connect(renderer: object): void;
    /** One picture; false where none is complete. */
    decode(): boolean;
  }
  const JSMpeg: {
    readonly Demuxer: {
      readonly TS: {
        new (): { connect(streamId: number, sink: Sink): void; write(bytes: ArrayBuffer): void };
        readonly STREAM: { readonly VIDEO_1: number };
      };
    };
    readonly Decoder: {
      readonly MPEG1Video: new (options: { streaming: boolean; videoBufferSize?: number }) => VideoDecoder;
    };
    readonly Renderer: { readonly Canvas2D: new (options: { canvas: HTMLCanvasElement }) => object };
  };
  export default JSMpeg;
}
