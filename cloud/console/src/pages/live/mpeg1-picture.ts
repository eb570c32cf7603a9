import JSMpeg from '@cycjimmy/jsmpeg-player';

/** What is not decoded at once of what came together: the rest is older than what is to be shown. */
const mostPictures = 200;

/**
 * MPEG-1 in a transport stream, decoded by JSMpeg's decoder (its own players and sockets are not used) onto a canvas, which the
 * video element plays as a stream: to the page it is a picture as any other.
 */
export class Mpeg1Picture implements Disposable {
  readonly #video: HTMLVideoElement;
  readonly #stream: MediaStream;
  readonly #demuxer = new JSMpeg.Demuxer.TS();
  readonly #decoder = new JSMpeg.Decoder.MPEG1Video({ streaming: true, videoBufferSize: 2 * 1024 * 1024 });

  constructor(video: HTMLVideoElement) {
    this.#video = video;
    const canvas = document.createElement('canvas');
    // Before the stream is taken of it: without a context there is nothing to take.
    canvas.getContext('2d');
    this.#decoder.connect(new JSMpeg.Renderer.Canvas2D({ canvas }));
    this.#demuxer.connect(JSMpeg.Demuxer.TS.STREAM.VIDEO_1, this.#decoder);
    this.#stream = canvas.captureStream();
    video.srcObject = this.#stream;
    void video.play().catch(() => undefined);
  }

  take(payload: Uint8Array): void {
    this.#demuxer.write(new Uint8Array(payload).buffer);
    for (let n = 0; n < mostPictures && this.#decoder.decode(); n++);
  }

  [Symbol.dispose](): void {
    for (const track of this.#stream.getTracks()) track.stop();
    if (this.#video.srcObject === this.#stream) this.#video.srcObject = null;
  }
}
