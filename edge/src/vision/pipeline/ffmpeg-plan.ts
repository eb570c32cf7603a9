import type { StreamAddress } from './stream-address.js';

export interface PlanOptions {
  readonly address: StreamAddress;
  /** Pictures a second that are made of the stream, at most. */
  readonly fps: number;
  /** The longer side of the pictures, px; a smaller stream is not enlarged. */
  readonly sidePx: number;
  /** False: the stream's codec cannot be put into MP4; pictures only. */
  readonly copy: boolean;
  /** False: the copy only, nothing is decoded. */
  readonly pictures?: boolean;
  /** From `findHardwareDecode`. */
  readonly hardware: readonly string[];
  /** ffmpeg gives up by itself where the network is silent for so long: it must not outlive us. */
  readonly networkTimeoutMs: number;
}

export interface FfmpegPlan {
  readonly args: readonly string[];
  /** For standard input; holds what others must not see in the list of processes. */
  readonly script: string | undefined;
  /** No pictures come: fragments are the sign of life. */
  readonly isCopyOnly?: boolean;
}

/** Pipes of the process: 0 the script, 1 pictures, 2 what it says, 3 fragments. */
export const fragmentPipe = 3;

/**
 * One input, two outputs. The stream is copied as it is, a fragment a picture: a viewer waits for no group of pictures to
 * end, and the recording can cut at every keyframe all the same; it costs some 120 bytes a picture. Sound is left out.
 */
export const planFfmpeg = (options: PlanOptions): FfmpegPlan => {
  const { args, script } = inputOf(options);
  const encodes = options.address.kind === 'usb';
  const isCopyOnly = options.pictures === false;
  return {
    ...{ script, isCopyOnly },
    args: [
      ...['-hide_banner', '-loglevel', 'level+warning', '-nostdin', '-threads', '1', '-filter_threads', '1'],
      ...options.hardware,
      ...args,
      ...(options.copy ? recordingOutput(encodes) : []),
      ...(isCopyOnly ? [] : pictureOutput(options)),
    ],
  };
};

const inputOf = ({ address, networkTimeoutMs }: PlanOptions): FfmpegPlan => {
  switch (address.kind) {
    case 'rtsp':
      // ffmpeg reads no address from a file but in a concatenation: the password comes by standard input, not by argv.
      return {
        args: ['-protocol_whitelist', 'pipe,rtsp,rtp,tcp,udp,tls', '-safe', '0', '-f', 'concat', '-i', 'pipe:0'],
        script: [
          'ffconcat version 1.0',
          `file '${signed(address)}'`,
          `option rtsp_transport ${address.transport}`,
          'option allowed_media_types video',
          `option timeout ${networkTimeoutMs * 1_000}`,
          '',
        ].join('\n'),
      };
    case 'file':
      return {
        args: [
          ...['-protocol_whitelist', 'file', '-re', ...(address.loop ? ['-stream_loop', '-1'] : [])],
          ...['-i', `file:${address.path}`],
        ],
        script: undefined,
      };
    case 'usb': {
      const { width, height, fps, device } = address;
      const size = ['-video_size', `${width}x${height}`, '-framerate', `${fps}`];
      return { args: ['-f', 'v4l2', ...size, '-i', device], script: undefined };
    }
  }
};

/** With user name and password in it, each letter that means something escaped. */
const signed = ({ url, userName, password }: Extract<StreamAddress, { kind: 'rtsp' }>): string => {
  const address = new URL(url);
  const quoted = (text: string) =>
    encodeURIComponent(text).replace(/['!()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  const account = userName === undefined ? '' : `${quoted(userName)}:${quoted(password ?? '')}@`;
  const rest = `${address.host}${address.pathname}${address.search}`
    .replace(/['\\\s]/g, encodeURIComponent)
    .replace(/'/g, '%27');
  return `${address.protocol}//${account}${rest}`;
};

const recordingOutput = (encodes: boolean): string[] => [
  ...['-map', '0:v:0', '-an', '-sn', '-dn'],
  ...(encodes
    ? ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', '30']
    : ['-c', 'copy']),
  ...['-movflags', 'empty_moov+default_base_moof+frag_every_frame+skip_trailer', '-flush_packets', '1'],
  ...['-f', 'mp4', `pipe:${fragmentPipe}`],
];

/**
 * `select` and not `fps`: that one repeats pictures where a camera pauses, and floods where its time jumps. PPM says the
 * size of each picture, which a camera may change.
 */
const pictureOutput = ({ fps, sidePx }: PlanOptions): string[] => {
  const select = `select='isnan(prev_selected_t)+not(eq(floor(t*${fps}),floor(prev_selected_t*${fps})))'`;
  const scale = `scale=w='min(${sidePx},iw)':h='min(${sidePx},ih)':force_original_aspect_ratio=decrease:force_divisible_by=2:flags=bilinear`;
  return [
    ...['-map', '0:v:0', '-an', '-vf', `${select},${scale}`, '-fps_mode', 'passthrough'],
    ...['-pix_fmt', 'rgb24', '-c:v', 'ppm', '-f', 'image2pipe', '-flush_packets', '1', 'pipe:1'],
  ];
};
