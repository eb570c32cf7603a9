/// <reference path="./onvif-internals.d.ts" />
import { HubError } from '@hallhub/shared';
import onvifCam from 'onvif/lib/cam.js';
import onvifUtils from 'onvif/lib/utils.js';
import type { Credentials } from '../config.js';

/** HTTP digest (RFC 7616) towards one server: SOAP, snapshots and RTSP alike. It counts its nonce, as servers that watch for replays want. */
export class DigestSigner {
  readonly #cam: InstanceType<typeof onvifCam.Cam>;
  #challenges: string[] = [];

  constructor(credentials: Credentials) {
    this.#cam = new onvifCam.Cam({ hostname: 'camera', ...credentials, autoconnect: false });
  }

  get isChallenged(): boolean {
    return this.#challenges.length > 0;
  }

  /** True when asking again with an answer to this challenge can help. A fresh nonce after an old one is such a case. */
  learn(rawHeaders: readonly string[]): boolean {
    const before = this.#challenges.join();
    const offered = onvifUtils.getDigestHeaders([...rawHeaders]).slice(0, 8);
    this.#challenges = offered.filter(
      (one) => !/algorithm/i.test(one) || /algorithm="?(?:MD5|SHA-256)"?(?:[\s,]|$)/i.test(one),
    );
    return this.#challenges.length > 0 && this.#challenges.join() !== before;
  }

  /** The Authorization header, or undefined where nothing was asked. Throws `protocol_violation`. */
  header(method: string, path: string): string | undefined {
    if (!this.isChallenged) return undefined;
    try {
      return this.#cam.digestAuth(this.#challenges, { method, path });
    } catch (cause) {
      throw new HubError('protocol_violation', "the camera's digest challenge cannot be read", { cause });
    }
  }
}
