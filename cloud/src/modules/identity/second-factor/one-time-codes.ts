import { Secret, TOTP } from 'otpauth';

export const stepSeconds = 30;
/** Either side of where the person's clock was last seen. */
const windowSteps = 1;
/** At enrolment a clock may be this far off; it is remembered. Ten minutes. */
const enrolWindowSteps = 20;
const maxDriftSteps = enrolWindowSteps + 10;

export const makeSecret = (): string => new Secret({ size: 20 }).base32;

const totp = (secret: string, label = 'user'): TOTP =>
  new TOTP({
    issuer: 'HallHub',
    label,
    algorithm: 'SHA1', // the only one that every authenticator app understands
    digits: 6,
    period: stepSeconds,
    secret: Secret.fromBase32(secret),
  });

/** `otpauth://` address for the QR code. */
export const enrolmentUri = (secret: string, label: string): string => totp(secret, label).toString();

/** The code of a moment: what an authenticator app shows. */
export const codeAt = (secret: string, atMs: number): string => totp(secret).generate({ timestamp: atMs });

export interface FactorState {
  readonly secret: string;
  /** Step of the last accepted code: that code and older ones are spent. */
  readonly lastStep: number;
  readonly driftSteps: number;
}

/**
 * Checks a six-digit code (RFC 6238). Returns the step it belongs to and how far the person's clock is off, or null.
 * A phone whose clock wanders is followed (section 6) as long as it is used.
 */
export const checkCode = (
  factor: FactorState,
  code: string,
  given: { readonly nowMs: number; readonly enrolling?: boolean },
): { step: number; driftSteps: number } | null => {
  const nowStep = Math.floor(given.nowMs / 1_000 / stepSeconds);
  const centreMs = given.nowMs + factor.driftSteps * stepSeconds * 1_000;
  const delta = totp(factor.secret).validate({
    token: code,
    timestamp: centreMs,
    window: given.enrolling ? enrolWindowSteps : windowSteps,
  });
  if (delta === null) return null;
  const driftSteps = factor.driftSteps + delta;
  const step = nowStep + driftSteps;
  if (step <= factor.lastStep || Math.abs(driftSteps) > maxDriftSteps) return null;
  return { step, driftSteps };
};
