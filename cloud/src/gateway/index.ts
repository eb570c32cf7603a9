export type { AnyGatewayModule, GatewayModule, GatewayStreamModule, GatewayUnit } from './gateway-module.js';
export { type Gateway, type GatewayOptions, openGateway } from './open-gateway.js';
export { unitAddresses } from './unit-addresses.js';
