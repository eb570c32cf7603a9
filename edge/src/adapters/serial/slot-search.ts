import { isHubError } from '@hallhub/shared';
import type { LineSettings } from '@hallhub/shared/profile';
import type { AdapterHost, FoundDevice } from '../../ports/index.js';
import type { FairBus } from '../fair-bus.js';
import type { SerialConfig, Slot } from './config.js';
import { askProbe, chooseReply, foundDevice, isAddressed, type Probe, probesOf } from './identify.js';
import { describeLine } from './line-watch.js';
import { listSerialPorts } from './list-serial-ports.js';
import type { SerialDevice } from './serial-device.js';
import type { SerialSession } from './serial-session.js';

/** Places where nobody answers are looked at ever more rarely. */
const maxSweepMs = 600_000;

/** Looks for devices at the places of a line that nobody uses, while the others are polled. */
export class SlotSearch {
  constructor(
    private readonly config: SerialConfig,
    private readonly slots: readonly Slot[],
    private readonly host: AdapterHost,
    private readonly bus: FairBus<SerialSession>,
  ) {}

  /** Places without a device that is in use or was refused. */
  wanted(): Slot[] {
    return this.slots.filter((slot) => {
      const known = this.host.devices.findByAddress(this.config.id, slot.address);
      return known === undefined || known.state === 'quarantined';
    });
  }

  /** The devices that edge.yaml names: they are what it says, whether they answer or not. */
  named(slots: readonly Slot[]): FoundDevice[] {
    return slots.flatMap((slot) => {
      const profile = slot.isNamed && slot.profile !== undefined ? this.host.profiles.get(slot.profile) : undefined;
      return profile ? [foundDevice(profile, undefined, slot)] : [];
    });
  }

  /** A device that cannot be registered now (the store is busy) is found again in the next round. */
  async register(found: FoundDevice): Promise<void> {
    try {
      await this.host.found(found);
    } catch (error) {
      this.host.logger.warn({ err: error, address: found.address }, 'a device could not be registered');
    }
  }

  /** Until the signal aborts. A place is asked between the polls of the others, one question a turn. */
  async keepLooking(line: LineSettings, signal: AbortSignal): Promise<void> {
    let pauseMs = this.config.rediscoverEveryMs;
    while (!signal.aborted) {
      const wanted = this.wanted();
      for (const found of this.named(wanted)) await this.register(found);
      let count = 0;
      for (const slot of this.config.discover ? wanted.filter((one) => !one.isNamed) : []) {
        try {
          const found = await this.#ask(slot, this.#probes(slot, line), signal);
          if (!found) continue;
          count++;
          await this.register(found);
        } catch (error) {
          if (signal.aborted) return;
          this.host.logger.warn({ err: error, address: slot.address }, 'a place on the line could not be looked at');
        }
      }
      pauseMs = count > 0 ? this.config.rediscoverEveryMs : Math.min(maxSweepMs, pauseMs * 2);
      await this.host.clock.sleep(pauseMs, signal).catch(() => undefined);
    }
  }

  /** The devices in use, where they answer their own probe, and whoever answers at the other places. */
  async *onOpenLine(
    devices: readonly SerialDevice[],
    line: LineSettings,
    signal: AbortSignal,
  ): AsyncGenerator<FoundDevice> {
    for (const slot of this.slots) {
      if (signal.aborted) return;
      const here = devices.filter((device) => device.slot === slot).map((device) => device.view.profile);
      const asked = here.length > 0 ? probesOf(here, this.config.line) : this.#probes(slot, line);
      const probes = this.slots.length === 1 ? asked : asked.filter(isAddressed);
      const found = await this.#ask(slot, probes, signal);
      if (found) yield found;
    }
  }

  /** Ports that are closed: this one, and with `wide` whatever else is plugged in. */
  async *onPorts(
    { wide, skip }: { wide: boolean; skip: string | undefined },
    identify: (path: string, slots: readonly Slot[]) => AsyncIterable<FoundDevice>,
    signal: AbortSignal,
  ): AsyncGenerator<FoundDevice> {
    const { path } = this.config;
    const others = wide ? (await listSerialPorts()).map((port) => port.path) : [];
    for (const one of new Set([path, ...others])) {
      if (one === skip) continue;
      if (signal.aborted) return;
      try {
        yield* identify(one, one === path ? this.slots : [foreignSlot(one)]);
      } catch (error) {
        // Busy, forbidden or gone: the other ports are looked at all the same.
        if (!isHubError(error, 'link_refused') && !isHubError(error, 'link_lost')) throw error;
        this.host.logger.info({ err: error, path: one }, 'a port could not be looked at');
      }
    }
  }

  #probes(slot: Slot, line: LineSettings): Probe[] {
    const profiles = this.host.profiles.list().filter((one) => slot.profile === undefined || one.id === slot.profile);
    return probesOf(profiles, this.config.line).filter(
      (probe) =>
        probe.rule.send.length > 0 &&
        (this.slots.length === 1 || isAddressed(probe)) &&
        describeLine(probe.line) === describeLine(line),
    );
  }

  async #ask(slot: Slot, probes: readonly Probe[], signal: AbortSignal): Promise<FoundDevice | undefined> {
    const replies: { probe: Probe; frame: Uint8Array }[] = [];
    for (const probe of probes) {
      if (replies.some((reply) => reply.probe.score > probe.score)) break;
      const frame = await this.bus.request((session) => askProbe(session, probe, slot.params, signal), {
        signal,
        background: true,
      });
      if (frame) replies.push({ probe, frame });
    }
    return chooseReply(replies, slot);
  }
}

const foreignSlot = (path: string): Slot => ({
  address: path,
  params: {},
  profile: undefined,
  isNamed: false,
  fallbackSerial: path.replace(/^\/dev\//, '').replaceAll('/', '-'),
});
