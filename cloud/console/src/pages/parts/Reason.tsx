import { reasonCode } from './reason-code.js';
import { useCodeWord } from './words.js';

/** Why a device is in its state, in the reader's words; what the unit wrote stands on hover. */
export function Reason({ reason }: { reason: string }) {
  const word = useCodeWord();
  const said = word('reason', reasonCode(reason));
  return <span title={said === reason ? undefined : reason}>{said}</span>;
}
