const seg = encodeURIComponent;

/** Every address of the console, in one place. Search parameters belong to the pages. */
export const paths = {
  today: () => '/',
  halls: () => '/halls',
  place: (placeId: string) => `/halls/${seg(placeId)}`,
  units: () => '/units',
  unit: (unitId: string) => `/units/${seg(unitId)}`,
  proof: () => '/units/proof',
  bundles: () => '/units/bundles',
  unitProof: (unitId: string) => `/units/${seg(unitId)}/proof`,
  devices: () => '/devices',
  commands: () => '/devices/commands',
  pendingDevices: () => '/devices/pending',
  deviceModels: () => '/devices/models',
  device: (deviceId: string) => `/devices/${seg(deviceId)}`,
  alarms: () => '/alarms',
  alarmRules: () => '/alarms/rules',
  people: () => '/admin/people',
  roles: () => '/admin/roles',
  signIn: () => '/sign-in',
  signInRules: () => '/admin/sign-in',
  apiKeys: () => '/admin/api-keys',
  certificates: () => '/admin/certificates',
  audit: () => '/admin/audit',
  backups: () => '/admin/backups',
  me: () => '/me',
} as const;
