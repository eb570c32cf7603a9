import type { EnrolAnswer, EnrolRequest, RenewAnswer, RenewRequest, Trust, UnitSnapshot } from '@hallhub/shared/wire';

/** Who speaks to the gateway: the address as it is seen, and the unit by its judged certificate. */
export interface GatewayCaller {
  readonly ip: string;
}
export interface UnitCaller extends GatewayCaller {
  readonly unitId: string;
  /** Hex. The gateway judged it before it read the body, which may have taken minutes: verbs look again under the unit's lock. */
  readonly certificateSha256: string;
}

/**
 * What the gateway's routes do (docs/protocol.md 5.2). Bodies are parsed by their contracts before; errors are `HubError`, and
 * `gatewayCodeOf(error)` gives the code for the answer.
 */
export interface GatewayHandlers {
  enrol(request: EnrolRequest, caller: GatewayCaller): Promise<EnrolAnswer>;
  renew(request: RenewRequest, caller: UnitCaller): Promise<RenewAnswer>;
  trust(): Trust;
  putSnapshot(snapshot: UnitSnapshot, caller: UnitCaller): Promise<void>;
  /** Null: the unit's predecessor left none. */
  getSnapshot(caller: UnitCaller): Promise<UnitSnapshot | null>;
}
