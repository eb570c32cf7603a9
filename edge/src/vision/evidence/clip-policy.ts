/** What leaves the hall of a clip for which no rule says why faces may be seen. */
export const clipPolicies = ['reduced', 'none', 'clear'] as const;
export type ClipPolicy = (typeof clipPolicies)[number];
