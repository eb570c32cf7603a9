import type { SourceReason } from './source-state.js';

/** As ffmpeg 4 to 7 words it. The first that fits wins: a refusal is followed by lines that sound like an absence. */
const meanings: readonly (readonly [RegExp, SourceReason])[] = [
  [/\b40[13] (?:Unauthorized|Forbidden)|authorization failed|access denied/i, 'wrong_credentials'],
  [/Could not find tag for codec|codec not currently supported in container|could not write header/i, 'not_recordable'],
  [/Failed to create .* device|Device creation failed|hwaccel initialisation|No device available/i, 'hardware_failed'],
  [/\b404 Not Found|No such file or directory|No such device|Cannot open video device/i, 'not_found'],
  [/Failed to resolve|Name or service not known|Temporary failure in name resolution/i, 'not_resolved'],
  [/Connection refused|No route to host|Network is unreachable|Connection reset/i, 'connection_refused'],
  [/\b(?:453|454|50[0-9])\b|5XX Server Error|Device or resource busy/i, 'busy'],
  [/timed out/i, 'no_answer'],
  [/Invalid data found|moov atom not found|codec parameters|Decoder .* not found/i, 'bad_data'],
];

const decoding =
  /error while decoding|concealing|non-existing PPS|Invalid NAL|decode_slice_header|missing picture|cabac|corrupt|Could not find ref|no frame!|PPS id out of range|SPS \d+ does not exist|Error submitting packet|deblocking_filter|out of range intra|left block unavailable|top block unavailable|mb_type/i;
const maxLine = 500;
const keptLines = 12;
const windowMs = 10_000;

/** Reads what an ffmpeg says: why it ends, and how much it cannot decode. Bounded, whatever it says. */
export class FfmpegTalk {
  readonly #lines: string[] = [];
  readonly #errors: number[] = [];
  #rest = '';
  #reason: SourceReason | undefined;
  #rank = meanings.length;
  decodeErrors = 0;

  constructor(private readonly monotonicMs: () => number) {}

  get reason(): SourceReason | undefined {
    return this.#reason;
  }

  get lastLine(): string | undefined {
    return this.#lines.at(-1);
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Of the last 10 s, counted up to 100. */
  get recentDecodeErrors(): number {
    const sinceMs = this.monotonicMs() - windowMs;
    return this.#errors.filter((atMs) => atMs >= sinceMs).length;
  }

  push(text: string): void {
    const lines = (this.#rest + text).split(/[\r\n]+/);
    this.#rest = (lines.pop() ?? '').slice(0, maxLine);
    for (const line of lines) this.#read(line.slice(0, maxLine).trim());
  }

  #read(line: string): void {
    if (line === '') return;
    if (decoding.test(line)) {
      this.decodeErrors += 1;
      this.#errors.push(this.monotonicMs());
      if (this.#errors.length > 100) this.#errors.shift();
      return;
    }
    const rank = meanings.findIndex(([pattern]) => pattern.test(line));
    if (rank >= 0 && rank < this.#rank) {
      this.#rank = rank;
      this.#reason = meanings[rank]?.[1];
    }
    this.#lines.push(withoutAddresses(line));
    if (this.#lines.length > keptLines) this.#lines.shift();
  }
}

/** Addresses hold passwords and tell of the hall's network. */
export const withoutAddresses = (line: string): string =>
  line.replace(/\b[a-z][a-z0-9+.-]*:\/\/[^\s'"]*/gi, '<address>').replace(/\[([\w,/ .]+) @ 0x[0-9a-f]+\]/g, '[$1]');
