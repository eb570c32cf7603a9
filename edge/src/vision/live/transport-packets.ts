const packetBytes = 188;
const syncByte = 0x47;

export interface TransportUnit {
  readonly isKey: boolean;
  readonly bytes: Uint8Array;
}

/**
 * Cuts an MPEG transport stream with one video track (ISO/IEC 13818-1) into pictures: each begins with the packet in which its
 * PES begins; tables between them are left out. A key picture says so by `random_access_indicator`.
 */
export class TransportCutter {
  #rest: Uint8Array = new Uint8Array();
  #pid: number | undefined;
  #packets: Uint8Array[] = [];
  #isKey = false;

  /** Throws `RangeError` where it is no such stream. */
  push(chunk: Uint8Array): TransportUnit[] {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    const units: TransportUnit[] = [];
    let at = 0;
    for (; at + packetBytes <= bytes.length; at += packetBytes) {
      const unit = this.#take(bytes.subarray(at, at + packetBytes));
      if (unit) units.push(unit);
    }
    this.#rest = Uint8Array.from(bytes.subarray(at));
    return units;
  }

  #take(packet: Uint8Array): TransportUnit | undefined {
    if (packet[0] !== syncByte) throw new RangeError('no transport packet');
    const [, high = 0, low = 0, control = 0] = packet;
    const pid = ((high & 0x1f) << 8) | low;
    const begins = (high & 0x40) !== 0;
    const adaptation = control & 0x20 ? (packet[4] ?? 0) + 1 : 0;
    const payload = 4 + adaptation;
    // A PES packet of a video stream: 00 00 01 E0..EF.
    const isVideo =
      begins &&
      packet[payload] === 0 &&
      packet[payload + 1] === 0 &&
      packet[payload + 2] === 1 &&
      ((packet[payload + 3] ?? 0) & 0xf0) === 0xe0;
    if (isVideo) this.#pid = pid;
    if (pid !== this.#pid) return undefined;
    const done = begins ? this.#unit() : undefined;
    if (begins) this.#isKey = adaptation > 1 && ((packet[5] ?? 0) & 0x40) !== 0;
    this.#packets.push(packet);
    return done;
  }

  #unit(): TransportUnit | undefined {
    if (this.#packets.length === 0) return undefined;
    const bytes = new Uint8Array(this.#packets.length * packetBytes);
    this.#packets.forEach((packet, i) => {
      bytes.set(packet, i * packetBytes);
    });
    this.#packets = [];
    return { isKey: this.#isKey, bytes };
  }
}
