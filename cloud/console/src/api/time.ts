/** RFC 3339, UTC. */
export type Time = string;
