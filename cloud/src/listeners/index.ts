export { AdmissionGate, type AdmissionRefusal } from './admission-gate.js';
export {
  type AdmissionLimits,
  defaultHandshakesPerSecond,
  plainAdmission,
  secureAdmission,
} from './admission-limits.js';
export { CertificateWatch, type CertifiedConnection } from './certificate-watch.js';
export { RefusalJournal } from './refusal-journal.js';
export type { OnRefused, Refusal, RefusalReason, UnitListenerName } from './refusals.js';
export { SecureFront } from './secure-front.js';
export {
  commonNameOf,
  type PresentedCertificate,
  presentedCertificate,
  renewContext,
  secureServerOptions,
} from './secure-server.js';
export { TokenBucket } from './token-bucket.js';
export { openUnitListener, type UnitListener } from './unit-listener.js';
export { addressKey, parseUnitNetworks, plainAddress, type UnitNetworks } from './unit-networks.js';
