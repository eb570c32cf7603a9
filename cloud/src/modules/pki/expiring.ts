const dayMs = 86_400_000;

/** A unit renews after two thirds of its certificate's life, 30 days before the end: nine days of failing are worth a word. */
export const expiringMs = 21 * dayMs;
