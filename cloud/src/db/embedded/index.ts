export {
  type DataLocation,
  locateData,
  makeSocketFolder,
  rememberLocation,
  writeFileAtomically,
} from './data-location.js';
export { EmbeddedServer, type EmbeddedServerOptions, type ServerHealth } from './embedded-server.js';
export { adminRole, clusterMajor, readSecret, type Secret } from './initialise-cluster.js';
export { findNativeBinaries, type NativeBinaries } from './native-binaries.js';
export { PostgresProcess } from './postgres-process.js';
export { findRunningServer } from './running-server.js';
export { type ServerAccount, serverAccount } from './server-account.js';
