import { z } from '@hono/zod-openapi';

/** What a browser may subscribe to. */
export const liveTopics = [
  'overview',
  'devices',
  'units',
  'alarms',
  'commands',
  'events',
  'review',
  'tickets',
] as const;
export const liveTopicSchema = z.enum(liveTopics);
export type LiveTopic = z.infer<typeof liveTopicSchema>;

/** One SSE message's `data`: `{topic, type, at, data}`; `type` is also the SSE event's name. */
export const liveMessageSchema = z.object({
  topic: liveTopicSchema,
  type: z.string(),
  at: z.iso.datetime(),
  data: z.unknown(),
});
export type LiveMessage = z.infer<typeof liveMessageSchema>;
