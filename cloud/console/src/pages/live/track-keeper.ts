import type { LiveTracks } from '@hallhub/shared/vision';

export type SeenTrack = LiveTracks['tracks'][number];

const keep = 40;
/** A box goes on as it went for so long where nothing newer is known; then it stays. */
const mostGuessMs = 400;
/** Followed things are said each second at least: without a word for so long nobody follows any more. */
const staleMs = 2_500;

type Timed = LiveTracks & { readonly mediaMs: number };

/** What is followed, by the time of the picture in which it was seen: what is drawn belongs to the picture that is shown. */
export class TrackKeeper {
  #records: LiveTracks[] = [];

  take(record: LiveTracks): void {
    const last = this.#records.at(-1);
    // The stream began anew, or time went back.
    if (last && (record.at < last.at || (record.mediaMs ?? 0) < (last.mediaMs ?? 0))) this.#records = [];
    this.#records.push(record);
    if (this.#records.length > keep) this.#records.shift();
  }

  clear(): void {
    this.#records = [];
  }

  /** `mediaMs`: of the picture that is shown. Of a stream without media time the newest is as good as it gets. */
  at(mediaMs: number): readonly SeenTrack[] {
    const timed = this.#records.filter((one): one is Timed => one.mediaMs !== undefined);
    if (timed.length === 0) return this.#records.at(-1)?.tracks ?? [];
    const after = timed.findIndex((one) => one.mediaMs > mediaMs);
    if (after === 0) return [];
    const before = timed[after < 0 ? timed.length - 1 : after - 1] as Timed;
    if (mediaMs - before.mediaMs > staleMs) return [];
    if (after > 0) return between(before, timed[after] as Timed, mediaMs);
    const earlier = timed[timed.length - 2];
    const guessMs = Math.min(mediaMs - before.mediaMs, mostGuessMs);
    return earlier ? between(earlier, before, before.mediaMs + guessMs) : before.tracks;
  }
}

/** As straight as it went; also beyond `b`. Things of the nearer one that the other does not know stand still. */
const between = (a: Timed, b: Timed, mediaMs: number): readonly SeenTrack[] => {
  const stepMs = b.mediaMs - a.mediaMs;
  const share = stepMs > 0 ? (mediaMs - a.mediaMs) / stepMs : 1;
  const [base, other] = share > 1 ? [b, a] : [a, b];
  return base.tracks.map((track) => {
    const match = other.tracks.find(({ id }) => id === track.id);
    if (!match) return track;
    const [from, to] = share > 1 ? [match.box, track.box] : [track.box, match.box];
    const box = from.map((value, i) => value + ((to[i] as number) - value) * share) as unknown as SeenTrack['box'];
    return { ...track, box };
  });
};
