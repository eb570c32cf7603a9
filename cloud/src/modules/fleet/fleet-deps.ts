import type { CommandDeps } from '../commands/verbs/issue-command.js';
import type { Telemetry } from '../telemetry/index.js';

/** What the fleet's verbs stand on, beside their context. */
export interface FleetDeps extends CommandDeps {
  readonly telemetry: Pick<Telemetry, 'latestValues' | 'queryHistory'>;
  /** Ends a unit's connection, so that it has to prove itself anew. */
  readonly disconnect: (unitId: string) => void;
}
