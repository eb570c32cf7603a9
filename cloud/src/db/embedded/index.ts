export { EmbeddedServer, type EmbeddedServerOptions, type ServerHealth } from './embedded-server.js';
export { adminRole } from './initialise-cluster.js';
