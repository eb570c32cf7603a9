export { type CloudPki, type OpenPkiOptions, openPki } from './open-pki.js';
export type { CertificateVerdict, DocumentSignature, Pki, ServerCredentials } from './pki-port.js';
export { revocationLists } from './revocation-list.js';
export { type PkiRouteDeps, pkiRoutes } from './routes.js';
