import t from 'tap';
import { organisationsIn, scopesIn } from './organisations.js';

t.test('whom a complaint names', async (t) => {
  const names = (text: string) => organisationsIn(text).map(({ name }) => name);
  t.same(names('市民投诉阳光花园物业不清运垃圾，阳光花园物业态度恶劣，找街道办事处无果'), ['阳光花园物业']);
  t.same(names('我在幸福路永辉超市买到过期牛奶'), ['幸福路永辉超市']);
  t.same(names('反映宏达建筑有限公司拖欠工资'), ['宏达建筑有限公司']);
  t.same(names('路灯不亮'), []);
  t.same(names('公司'), [], 'a kind alone is no name');
});

t.test('how many are affected', async (t) => {
  const said = (text: string) => scopesIn(text).map(({ of, count }) => [of, count]);
  t.same(said('小区三百多户居民停水，约1200人没有水用'), [
    ['households', 300],
    ['people', 1_200],
  ]);
  t.same(said('整个小区停电，涉及12栋楼'), [
    ['buildings', 12],
    ['area', undefined],
  ]);
  t.same(said('两户漏水，后来五户漏水'), [['households', 5]], 'the largest counts');
  t.same(said('一千二百名学生'), [['people', 1_200]]);
  t.same(said('3万户停气'), [['households', 30_000]]);
  t.same(said('路灯不亮'), []);
});
