export const usage = `HallHub cloud

  --data DIR        data folder (default ./data)
  --port N          console and API (default 8080)
  --mqtts-port N    broker for units with certificates, or off (default 18831)
  --unit-port N     HTTPS gateway for units, or off (default 18443)
  --mqtt-port N     broker for units with a secret, without TLS, or off (default 18830)
  --mqtt-host ADDRESS  address for that one alone (default 127.0.0.1)
  --host ADDRESS    address to listen on (default 127.0.0.1)
  --seed-demo       make a demo hall with a unit
  --reissue-unit    make a new enrolment code for the demo unit, which also replaces a unit that has one
  --reset-password USER  print a new one-time password for that user
  --create-tenant NAME --owner USER  make another organisation, print its owner's one-time password, and end
  --tenant-code CODE  with it: short name for its sign-in page, /sign-in?org=CODE (default: made up)
  --backup-now      take a backup, restore it beside and compare, also while the cloud runs
  --check-backup FILE    restore a backup beside and compare
  --restore FILE    make the (empty) data folder from a backup and the log beside it
  --until TIME      with --restore: up to this moment, such as 2026-11-22T06:30:00+08:00
  --verify-audit FILE  only check an exported audit trail (JSON lines or CSV); exit code 0 or 1
  --audit-ca FILE   with it: PEM of the authority that must have signed the heads

  DATABASE_URL              your own PostgreSQL instead of the private one
  HALLHUB_MQTT_URL          your own broker instead of the built-in one
  HALLHUB_MQTT_TLS_CERT     PEM file: the listener for secrets speaks TLS (with HALLHUB_MQTT_TLS_KEY)
  HALLHUB_MQTT_CA           PEM file: whom to trust as your own broker
  HALLHUB_MQTT_CERT         PEM file: this cloud's certificate for your own broker (with HALLHUB_MQTT_KEY)
  HALLHUB_BROKER_FILES      folder kept with what your own broker needs: trust.pem, crl.pem, broker.pem, broker.key
  HALLHUB_UNIT_MQTT_URL     mqtts:// that units are told to dial (default: the first of HALLHUB_UNIT_HOSTS and --mqtts-port)
  HALLHUB_UNIT_GATEWAY_URL  https:// that units are told to dial (default: the same host and --unit-port)
  HALLHUB_UNIT_NETWORKS     networks units may come from, comma-separated: 10.20.0.0/16 (default: all)
  HALLHUB_UNIT_HANDSHAKES   TLS handshakes of units let in a second, on each listener (default 100)
  HALLHUB_PUBLIC_URL        where people reach the console, behind a proxy
  HALLHUB_TRUSTED_PROXIES   how many proxies add to X-Forwarded-For (default 0)
  HALLHUB_API_ADDRESS_RATE  API requests a minute from one address, in each process (default 6000)
  HALLHUB_API_ACCOUNT_RATE  API requests a minute by one person or API key, in each process (default 1800)
  HALLHUB_SECRET            signs sessions; the same for all cloud processes (default: made once in the data folder)
  HALLHUB_ALLOW_PRIVATE_EXCHANGE  1: platforms that tickets go to may be on private networks, and without TLS there
  HALLHUB_ALLOW_PRIVATE_NOTICES  1: mail servers, gateways and webhooks of notices may be on private networks
  HALLHUB_ALLOW_PRIVATE_SIGNON  1: single sign-on providers may be on private networks, and without TLS there
  HALLHUB_UNIT_HOSTS        names and addresses units dial, comma-separated, the one they are told first (default --host)
  HALLHUB_BACKUP            off: somebody else backs the database up (default on)
  HALLHUB_BACKUP_DIR        where backups go (default: backups in the data folder)
  HALLHUB_BACKUP_KEY_FILE   the key they are sealed with (default: made once in the data folder)
  HALLHUB_BACKUP_SCRATCH    folder in which restores are tried (default: beside the database)
  HALLHUB_BACKUP_PROGRAMS   with DATABASE_URL: folder of pg_dump and pg_restore (default: looked for)
  HALLHUB_BACKUP_AT         when, five fields of cron in UTC (default 10 18 * * *)
  HALLHUB_BACKUP_KEEP_DAILY, HALLHUB_BACKUP_KEEP_WEEKLY  how many are kept (7 and 4)
  HALLHUB_BACKUP_MAX_AGE_HOURS  older than this, the newest proved backup is late (30)
  HALLHUB_EVIDENCE_DAYS     how long evidence files are kept (default 180)
  HALLHUB_MAP_TILES         tiles of a map, such as https://tiles.example.org/{z}/{x}/{y}.png (default: places are drawn as a schematic)
  HALLHUB_MAP_ATTRIBUTION, HALLHUB_MAP_MAX_ZOOM (18), HALLHUB_MAP_COORDINATES (wgs84, or gcj02)
  HALLHUB_METRICS_TOKEN     bearer token for /metrics from elsewhere than this machine
  HALLHUB_LOG_LEVEL         debug, info, warn, error (default info)
  OTEL_EXPORTER_OTLP_ENDPOINT  where spans are sent (OTLP over HTTP); OTEL_TRACES_SAMPLER_ARG: how many of the rows (0.01)
`;
