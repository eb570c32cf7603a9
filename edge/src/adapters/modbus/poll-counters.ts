export interface PollCounters {
  requests: number;
  timeouts: number;
  exceptions: number;
  badReplies: number;
  badValues: number;
  latePolls: number;
  pointsRead: number;
}

export const newPollCounters = (): PollCounters => ({
  requests: 0,
  timeouts: 0,
  exceptions: 0,
  badReplies: 0,
  badValues: 0,
  latePolls: 0,
  pointsRead: 0,
});
