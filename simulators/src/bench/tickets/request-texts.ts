/** A citizen's request as it comes in, with the label that a clerk would give it. */
export interface RequestText {
  readonly category: string;
  readonly office: string;
  readonly text: string;
}

interface Matter {
  readonly office: string;
  /** What it is about; several, so that no single word is the label. */
  readonly things: readonly string[];
  readonly troubles: readonly string[];
}

const m = (office: string, things: string, troubles: string): Matter => ({
  office,
  things: things.split(' '),
  troubles: troubles.split(' '),
});

/** Matters that share things and troubles on purpose: 路灯 is a lamp, a danger at night and a pole in the way. */
const matters: Readonly<Record<string, Matter>> = {
  'city/lighting': m('street-works', '路灯 照明灯 灯杆 景观灯', '不亮 坏了 忽明忽暗 夜里漆黑 几天没修 影响晚上出行'),
  'city/road': m('street-works', '路面 人行道 井盖 盲道 路沿石 灯杆', '破损 坑洼 塌陷 缺失 松动 绊倒老人 倾斜 占了道'),
  'city/water': m('water', '自来水 水管 水压 水表 供水', '停水 爆裂 太小 发黄有异味 没通知 漏水'),
  'city/drain': m('water', '下水道 污水管 雨水井 化粪池 井盖', '堵塞 外溢 返味 积水 雨天倒灌 破损'),
  'city/gas': m('gas', '燃气 煤气表 天然气管道 燃气费', '停气 漏气有异味 没人来开通 多收 压力不足'),
  'city/heat': m('heat', '暖气 供暖 供热管道 暖气片', '不热 温度不达标 漏水 没按时开 收费不合理'),
  'power/outage': m('grid-ops', '电 供电线路 变压器 电表 整栋楼', '停电 频繁跳闸 电压不稳 没通知就断了 烧坏电器'),
  'power/bill': m('grid-service', '电费 电表 账单 电价 峰谷电', '多收 算错了 突然翻倍 查不到明细 扣费后没到账'),
  'power/connect': m(
    'grid-service',
    '报装 充电桩 新装电表 增容 过户',
    '办理太慢 被退回 没人联系 不知道要什么材料 排不上',
  ),
  'clean/rubbish': m('sanitation', '垃圾 垃圾桶 建筑垃圾 厨余 垃圾站', '没人清运 满溢 异味大 乱倒在路边 招苍蝇'),
  'clean/street': m('sanitation', '路面 公厕 绿化带 河道', '没人打扫 很脏 全是落叶 异味大 有漂浮物'),
  'order/noise': m(
    'law',
    '施工 广场舞 夜市音响 工地 空调外机 KTV',
    '噪音扰民 半夜还在响 凌晨施工 影响孩子学习 晚上睡不着',
  ),
  'order/stall': m('law', '流动摊贩 夜市 占道经营 店外经营 烧烤摊', '占道 油烟扰民 乱倒污水 堵住路口 影响出行'),
  'order/build': m('law', '违建 楼顶加建 阳光房 搭棚 隔断', '没人管 正在施工 存在安全隐患 占用公共面积 举报多次'),
  'traffic/parking': m('traffic', '停车位 消防通道 僵尸车 停车场 路边停车', '被占用 乱停 收费太高 堵住路口 长期不挪'),
  'traffic/light': m('traffic', '红绿灯 信号灯 斑马线 标线', '坏了 时间太短 看不清 没有设置 忽明忽暗'),
  'traffic/bus': m('transport', '公交车 公交站 出租车 网约车 班车', '等太久 拒载 司机态度差 绕路多收费 不停站'),
  'home/property': m('housing', '物业 物业费 电梯 保安 业委会', '不作为 多收费 坏了没人修 态度恶劣 不公示账目'),
  'home/leak': m('housing', '屋顶 外墙 楼上卫生间 地下室', '漏水 渗水 墙皮脱落 发霉 维修基金用不了'),
  'home/lift': m('market', '电梯', '困人 频繁故障 坏了没人修 没有年检 异响'),
  'market/food': m('market', '超市 餐馆 外卖 牛奶 熟食', '过期 吃出异物 吃坏肚子 没有许可证 价格欺诈'),
  'market/refund': m('market', '预付卡 健身卡 培训费 网购商品 押金', '不退款 店关门了 跑路 虚假宣传 强制消费'),
  'market/price': m('market', '停车场 菜市场 药店 加油站', '收费太高 没有明码标价 多收 短斤少两 价格欺诈'),
  'work/wages': m('labour', '工资 加班费 包工头 公司 工地', '拖欠 不发 克扣 没签合同 老板失联'),
  'work/insurance': m('labour', '社保 养老保险 医保 公积金 失业金', '没缴 断缴 转移不了 报销不了 不知道怎么办理'),
  'edu/school': m('education', '学校 幼儿园 老师 学位 校车', '补课收费 入学难 体罚学生 食堂饭菜差 分班不公'),
  'edu/training': m('education', '培训机构 培训费 课程 暑期班', '不退款 没有资质 虚假宣传 关门了 老师频繁换'),
  'health/hospital': m('health', '医院 门诊 医生 挂号 疫苗', '态度差 乱收费 排队太久 预约不上 误诊'),
  'env/smoke': m('environment', '工厂 烟囱 餐馆油烟 焚烧秸秆', '异味大 冒黑烟 扰民 半夜偷排 影响呼吸'),
  'env/river': m('environment', '河道 池塘 工厂 污水', '变黑发臭 偷排 有死鱼 没人管 外溢'),
};
export const categories = Object.keys(matters);

const places = [
  ...[
    '人民路',
    '解放路',
    '幸福小区',
    '阳光花园',
    '东湖新村',
    '建设路与和平街交叉口',
    '二中门口',
    '火车站广场',
    '城南菜市场',
    '高新一路',
  ],
  ...['滨江花园3栋', '学府街', '老棉纺厂宿舍', '凤凰社区', '长途汽车站', '开发区工业园', '西苑小区二期', '金桥市场'],
];
const openings = ['市民反映：', '来电人称', '', '您好，', '我要投诉，', '咨询：', '群众来电，', '多次反映，', '请问'];
const since = ['昨天', '三天前', '一个多星期了', '从上个月开始', '今天早上', '春节后', '晚上', '下雨天', ''];
const closings = [
  '请尽快处理。',
  '希望相关部门核实解决。',
  '要求答复。',
  '孩子和老人都受影响。',
  '已经打过多次电话。',
  '非常影响生活。',
  '',
];

const pick = <T>(all: readonly T[], random: () => number): T => all[Math.floor(random() * all.length)] as T;

/** Two neighbours change places, or one is lost: as people type. */
const misspell = (text: string, random: () => number): string => {
  const at = 1 + Math.floor(random() * Math.max(1, text.length - 2));
  return random() < 0.5
    ? text.slice(0, at) + text.slice(at + 1)
    : text.slice(0, at - 1) + (text[at] ?? '') + (text[at - 1] ?? '') + text.slice(at + 1);
};

/**
 * Requests with labels, some matters far more frequent than others, one in ten misspelt, one in seven with a second
 * matter mentioned by the way, and `wrong` of the labels not what a careful clerk would give.
 */
export const requestTexts = (count: number, random: () => number, wrong = 0.05): RequestText[] =>
  Array.from({ length: count }, () => {
    const category = categories[Math.floor(random() ** 1.6 * categories.length)] as string;
    const matter = matters[category] as Matter;
    const also = random() < 1 / 7 ? (matters[pick(categories, random)] as Matter) : undefined;
    const said = [
      `${pick(openings, random)}${pick(places, random)}${pick(since, random)}`,
      `${pick(matter.things, random)}${pick(matter.troubles, random)}，`,
      random() < 0.5 ? `${pick(matter.troubles, random)}，` : '',
      also ? `另外${pick(also.things, random)}${pick(also.troubles, random)}，` : '',
      pick(closings, random),
    ].join('');
    const text = random() < 0.1 ? misspell(said, random) : said;
    const told = random() < wrong ? pick(categories, random) : category;
    return { category: told, office: (matters[told] as Matter).office, text };
  });
