const typeAt = (view: DataView, at: number): string =>
  String.fromCharCode(view.getUint8(at + 4), view.getUint8(at + 5), view.getUint8(at + 6), view.getUint8(at + 7));

/** Where the payload of the first box at that path begins; undefined: there is none. ISO/IEC 14496-12, 4.2. */
const find = (view: DataView, path: readonly string[], from = 0, to = view.byteLength): number | undefined => {
  const [type, ...rest] = path;
  for (let at = from; at + 8 <= to; ) {
    const size = view.getUint32(at);
    if (size < 8 || at + size > to) return undefined;
    if (typeAt(view, at) === type) return rest.length === 0 ? at + 8 : find(view, rest, at + 8, at + size);
    at += size;
  }
  return undefined;
};

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Media time units a second, of `moov`; undefined where it does not say. */
export const timescaleOf = (init: Uint8Array): number | undefined => {
  const view = viewOf(init);
  const at = find(view, ['moov', 'trak', 'mdia', 'mdhd']);
  if (at === undefined) return undefined;
  return view.getUint32(at + (view.getUint8(at) === 1 ? 20 : 12)) || undefined;
};

/** When the first picture of a fragment is shown, ms of media time: its decode time and its own offset. */
export const shownAtMs = (fragment: Uint8Array, timescale: number): number | undefined => {
  const view = viewOf(fragment);
  const tfdt = find(view, ['moof', 'traf', 'tfdt']);
  if (tfdt === undefined) return undefined;
  const decode = view.getUint8(tfdt) === 1 ? Number(view.getBigUint64(tfdt + 4)) : view.getUint32(tfdt + 4);
  return ((decode + firstOffset(view)) * 1_000) / timescale;
};

const firstOffset = (view: DataView): number => {
  const at = find(view, ['moof', 'traf', 'trun']);
  if (at === undefined) return 0;
  const flags = view.getUint32(at) & 0xff_ffff;
  if ((flags & 0x800) === 0) return 0;
  const before = [0x1, 0x4, 0x100, 0x200, 0x400].filter((bit) => flags & bit).length;
  return view.getInt32(at + 8 + before * 4);
};
