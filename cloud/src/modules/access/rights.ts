import type { Label } from '@hallhub/shared';

export const rightGroups = {
  halls: { zh: '营业厅', en: 'Halls' },
  fleet: { zh: '单元与设备', en: 'Units and devices' },
  alarms: { zh: '告警与事件', en: 'Alarms and events' },
  vision: { zh: '视频', en: 'Video' },
  tickets: { zh: '工单', en: 'Tickets' },
  people: { zh: '人员与权限', en: 'People and rights' },
  system: { zh: '系统与安全', en: 'System and security' },
} as const satisfies Record<string, Label>;
export type RightGroup = keyof typeof rightGroups;

interface RightFacts {
  readonly label: Label;
  readonly group: RightGroup;
}

const right = (group: RightGroup, zh: string, en: string): RightFacts => ({ label: { zh, en }, group });

/** The closed list of rights. A right is `<thing>.<what>`; roles are sets of them, grants give roles a scope. */
export const rights = {
  'hall.read': right('halls', '查看营业厅总览', 'See the overview of halls'),
  'place.read': right('halls', '查看区域、营业厅、柜台', 'See regions, halls and counters'),
  'place.write': right('halls', '维护区域、营业厅、柜台', 'Maintain regions, halls and counters'),
  'unit.read': right('fleet', '查看智能互动单元', 'See units'),
  'unit.write': right('fleet', '登记和维护智能互动单元', 'Register and maintain units'),
  'unit.enrol': right('fleet', '入网、换机、吊销单元证书', 'Enrol and replace units, revoke their certificates'),
  'proof.read': right('fleet', '查看无丢失证明', 'See the no-loss proof'),
  'evidence.read': right('alarms', '查看证据文件', 'See evidence files'),
  'device.read': right('fleet', '查看设备与数据', 'See devices and their readings'),
  'device.write': right('fleet', '命名和安放设备', 'Name and place devices'),
  'device.approve': right('fleet', '批准、拒绝、停用设备', 'Approve, refuse and retire devices'),
  'command.read': right('fleet', '查看设备指令', 'See commands'),
  'command.issue': right('fleet', '下发设备指令', 'Send commands to devices'),
  'event.read': right('alarms', '查看事件', 'See events'),
  'alarm.read': right('alarms', '查看告警与告警规则', 'See alarms and their rules'),
  'alarm.acknowledge': right('alarms', '确认告警', 'Acknowledge alarms'),
  'alarm.write': right('alarms', '维护告警规则', 'Maintain alarm rules'),
  'vision.read': right('vision', '查看摄像机设置、发现与统计', 'See cameras’ set-up, findings and statistics'),
  'vision.write': right('vision', '设置摄像机与分析规则', 'Set up cameras and their rules'),
  'camera.steer': right('vision', '操控云台', 'Turn cameras'),
  'camera.overrule': right('vision', '接管他人正在操控的摄像机', 'Take over cameras that others turn'),
  'review.write': right('vision', '审核发现', 'Review findings'),
  'recording.read': right('vision', '回看录像', 'Play back recordings'),
  'recording.export': right('vision', '下载录像', 'Download recordings'),
  'ticket.read': right('tickets', '查看工单', 'See tickets'),
  'ticket.make': right('tickets', '登记工单', 'Register tickets'),
  'ticket.act': right('tickets', '办理工单', 'Handle tickets'),
  'ticket.intervene': right('tickets', '干预工单流转', 'Move tickets that others have'),
  'ticket.supervise': right('tickets', '督办、批示、定级', 'Supervise, instruct and set levels'),
  'ticket.personal': right('tickets', '查看工单中的个人信息', 'See personal data of tickets'),
  'ticket.export': right('tickets', '导出工单', 'Export tickets'),
  'ticket.import': right('tickets', '批量导入工单', 'Import tickets from files'),
  'ticket.front': right('tickets', '代诉求人提交与查询（渠道程序）', 'Ask for citizens, for programs of channels'),
  'ticketkind.read': right('tickets', '查看工单类型', 'See kinds of tickets'),
  'ticketkind.write': right(
    'tickets',
    '设计和发布工单类型、事项分类',
    'Design and publish kinds of tickets, and categories',
  ),
  'office.read': right('tickets', '查看办理单位与代理', 'See offices and stand-ins'),
  'office.write': right('tickets', '维护办理单位与代理', 'Maintain offices and stand-ins'),
  'calendar.write': right('tickets', '维护工作日历', 'Maintain working calendars'),
  'ticketexchange.write': right('tickets', '维护工单对接', 'Maintain the exchange of tickets'),
  'noticechannel.write': right('tickets', '维护通知渠道', 'Maintain channels of notices'),
  'user.read': right('people', '查看人员与授权', 'See people and their grants'),
  'user.write': right('people', '新建、停用人员，重置密码', 'Create and disable people, reset passwords'),
  'grant.write': right('people', '授予和收回角色', 'Grant and withdraw roles'),
  'role.write': right('people', '维护角色', 'Maintain roles'),
  'audit.read': right('people', '查看、导出、校验审计记录', 'See, export and verify the audit trail'),
  'apikey.write': right('system', '维护 API 密钥', 'Maintain API keys'),
  'signon.write': right('system', '维护登录规则与单点登录', 'Maintain sign-in rules and single sign-on'),
  'pki.write': right('system', '轮换证书颁发机构', 'Rotate the certificate authority'),
  'backup.read': right('system', '查看备份与恢复报告', 'See backups and their restore reports'),
  'backup.run': right('system', '立即备份、校验恢复', 'Back up and check a restore now'),
  'bundle.write': right('system', '导入离线数据包', 'Import offline bundles'),
} as const satisfies Record<string, RightFacts>;

export type Right = keyof typeof rights;
export const rightIds = Object.keys(rights) as Right[];
/** About what all organisations of an installation share. Held only in the installation's own, the first; powerless elsewhere. */
export const installationRights: ReadonlySet<Right> = new Set<Right>(['pki.write', 'backup.read', 'backup.run']);
export const isRight = (text: string): text is Right => Object.hasOwn(rights, text);

/** What a route may declare: a right, `public` (nobody signed in), or `self` (anybody signed in, about themselves). */
export type RouteRight = Right | 'public' | 'self';
export const isRouteRight = (text: unknown): text is RouteRight =>
  text === 'public' || text === 'self' || (typeof text === 'string' && isRight(text));
