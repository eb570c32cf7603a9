const minute = 60_000;
const hour = 60 * minute;

/** How long a batch may wait for units that are away; the default is the command's own. */
export const deadlineChoices = ['default', '10m', '1h', '8h', '1d', '3d', '7d'] as const;
export type DeadlineChoice = (typeof deadlineChoices)[number];

const deadlinesMs: Record<Exclude<DeadlineChoice, 'default'>, number> = {
  '10m': 10 * minute,
  '1h': hour,
  '8h': 8 * hour,
  '1d': 24 * hour,
  '3d': 72 * hour,
  '7d': 168 * hour,
};

export const deadlineOf = (choice: DeadlineChoice): number | undefined =>
  choice === 'default' ? undefined : deadlinesMs[choice];
