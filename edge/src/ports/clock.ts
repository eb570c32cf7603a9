export type { Clock, Timer } from '@hallhub/shared';
