import type { Label } from '@hallhub/shared';
import { type Right, rightIds } from './rights.js';

const reading: readonly Right[] = [
  'hall.read',
  'place.read',
  'unit.read',
  'device.read',
  'command.read',
  'event.read',
  'alarm.read',
  'proof.read',
  'vision.read',
];

const clerk: readonly Right[] = [
  'place.read',
  'office.read',
  'ticket.read',
  'ticket.make',
  'ticket.act',
  'ticket.personal',
];

/** What whoever has a task needs: to see it, to do it, and to name the office that it goes on to. */
const handler: readonly Right[] = ['place.read', 'office.read', 'ticket.read', 'ticket.act'];

export interface BuiltInRole {
  readonly key: string;
  readonly label: Label;
  readonly rights: readonly Right[];
}

/** Made in each new tenant and brought up to date at start; they cannot be edited, only granted. */
export const builtInRoles = [
  { key: 'owner', label: { zh: '管理员', en: 'Owner' }, rights: rightIds },
  {
    key: 'hall-manager',
    label: { zh: '厅经理', en: 'Hall manager' },
    rights: [
      ...reading,
      'place.write',
      'device.write',
      'device.approve',
      'command.issue',
      'alarm.acknowledge',
      'alarm.write',
      'evidence.read',
      'vision.write',
      'camera.steer',
      'camera.overrule',
      'review.write',
      'recording.read',
      'recording.export',
      'ticket.read',
      'ticket.make',
      'ticket.act',
      'ticket.supervise',
      'ticket.export',
      'ticket.import',
      'ticket.front',
      'ticketkind.read',
      'office.read',
      'user.read',
    ],
  },
  {
    key: 'counter-staff',
    label: { zh: '柜员', en: 'Counter staff' },
    rights: ['hall.read', 'place.read', 'device.read', 'event.read', 'alarm.read', 'alarm.acknowledge'],
  },
  {
    key: 'field-engineer',
    label: { zh: '现场工程师', en: 'Field engineer' },
    rights: [
      ...new Set([...reading, ...handler]),
      'unit.write',
      'unit.enrol',
      'bundle.write',
      'device.write',
      'device.approve',
      'command.issue',
      'alarm.acknowledge',
      'vision.write',
      'camera.steer',
    ],
  },
  { key: 'ticket-clerk', label: { zh: '受理员', en: 'Ticket clerk' }, rights: clerk },
  {
    key: 'ticket-dispatcher',
    label: { zh: '派单员', en: 'Ticket dispatcher' },
    rights: [...clerk, 'ticket.intervene', 'ticket.supervise', 'ticket.export', 'ticket.import', 'ticketkind.read'],
  },
  {
    key: 'ticket-handler',
    label: { zh: '承办人', en: 'Ticket handler' },
    rights: handler,
  },
  { key: 'observer', label: { zh: '观察员', en: 'Observer' }, rights: reading },
] as const satisfies readonly BuiltInRole[];

export const ownerRoleKey = 'owner';
