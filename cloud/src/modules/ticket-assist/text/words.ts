import { createRequire } from 'node:module';
import type { Jieba } from '@node-rs/jieba';

/** More of one text says nothing new, and would cost whoever waits. */
export const mostCharacters = 4_000;

const require = createRequire(import.meta.url);
let jieba: Jieba | undefined;

/** The dictionary takes half a second and 60 MB: only a process that is asked for words pays for it. */
const segmenter = (): Jieba => {
  if (!jieba) {
    const { Jieba } = require('@node-rs/jieba') as typeof import('@node-rs/jieba');
    const { dict } = require('@node-rs/jieba/dict.js') as typeof import('@node-rs/jieba/dict.js');
    jieba = Jieba.withDict(dict);
  }
  return jieba;
};

/** Say nothing of what a text is about. */
const empty = new Set(
  (
    '的 了 是 在 我 我们 你 你们 他 她 它 和 与 或 及 也 都 就 不 没 没有 有 要 请 希望 反映 表示 来电 市民 群众 先生 女士 诉求 问题 ' +
    '部门 相关 有关 处理 尽快 解决 核实 情况 目前 已经 一直 多次 现在 这个 那个 什么 怎么 如何 为什么 可以 能 会 被 把 给 对 从 到 向 因 因为 ' +
    '所以 但 但是 而 并 并且 还 很 太 非常 上 下 里 中 内 外 前 后 个 位 名 次 年 月 日 时 分 the a an of to in is are and or for on at with it this that'
  ).split(' '),
);

/** Letters of width and case are one; so are the digits. */
export const plain = (text: string): string => text.normalize('NFKC').toLowerCase();

/**
 * The words of a text that tell what it is about, in their order and with repeats: cut as for a search, so that
 * 执法局 is found in 行政执法局. Numbers, punctuation and words without meaning of their own are left out.
 */
export const wordsOf = (text: string): string[] =>
  segmenter()
    .cutForSearch(plain(text.slice(0, mostCharacters)), false)
    .filter(
      (word) => /[\p{Letter}]/u.test(word) && !empty.has(word) && (word.length > 1 || /\p{Script=Han}/u.test(word)),
    );
