import type { CertificateState } from '../../../api/enrolment.js';
import type { StatusLook } from '../../../ui/StatusMark.js';

export const certificateLooks: Record<CertificateState, StatusLook> = {
  valid: { tone: 'quiet', shape: 'check' },
  expiring: { tone: 'warn', shape: 'triangle' },
  expired: { tone: 'bad', shape: 'diamond' },
  revoked: { tone: 'bad', shape: 'cross' },
};
