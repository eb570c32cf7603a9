import { countModels, formatIssue, lintCorpus, profileId, runVectors } from '@hallhub/shared/profile';
import type { Command } from 'commander';
import type { CliContext } from '../cli-context.js';
import { exitCodes } from '../exit-code.js';
import { count } from '../output/format.js';
import { readProfiles } from '../read-corpus.js';
import type { Runner } from '../runner.js';
import { addProfileTry } from './profile-try.js';
import { addProfileUnit } from './profile-unit.js';

const lint = (context: CliContext, target: string | undefined): void => {
  const { corpus, files, only } = readProfiles(target);
  const issues = lintCorpus(corpus, files, only);
  const errors = issues.filter((issue) => issue.severity === 'error').length;
  const entries = corpus.entries.filter(({ path }) => only.has(path));
  const { instances } = countModels({ ...corpus, entries });
  const models = entries.length - instances;
  const templates = corpus.templates.filter(({ path }) => only.has(path)).length;
  const { style } = context.terminal;
  context.show({ files: only.size, models, instances, templates, issues }, () =>
    [
      ...issues.map((issue) => {
        const line = formatIssue(issue);
        return issue.severity === 'error' ? line.replace(/\berror\b/, style.bad('error')) : line;
      }),
      `${count(models, 'model')}, ${count(instances, 'template instance')}, ${count(templates, 'template')}; ${count(only.size, 'file')}, ${errors === 0 ? style.good('no errors') : style.bad(count(errors, 'error'))}, ${count(issues.length - errors, 'warning')}`,
    ].join('\n'),
  );
  if (errors > 0) context.setExitCode(exitCodes.failed);
};

const noVectors = (files: number, areBroken: boolean): string =>
  files > 0 || areBroken
    ? 'No vectors were run: no vector file that can be read belongs to a profile that can be read.'
    : 'No vectors found: they stand in vectors/<vendor>/<model>.json beside the vendor folders; name a profile or the folder of all vendors.';

const test = (context: CliContext, target: string | undefined): void => {
  const { corpus, only } = readProfiles(target);
  const vectors = corpus.vectors.filter(({ path }) => only.has(path));
  const issues = corpus.issues.filter(({ file }) => only.has(file));
  const reports = vectors.flatMap(({ path, file }) => {
    const profile = corpus.profiles.find((p) => path.endsWith(`vectors/${profileId(p)}.json`));
    return profile ? [{ profile: profileId(profile), ...runVectors(profile, file) }] : [];
  });
  const failures = reports.reduce((sum, report) => sum + report.failures.length, 0);
  const { style } = context.terminal;
  context.show({ reports, issues }, () =>
    [
      ...issues.map(formatIssue),
      ...reports.flatMap((report) => [
        `${report.failures.length === 0 ? style.good('✓') : style.bad('✗')} ${report.profile}: ${report.passed} passed, ${report.failures.length} failed${report.untested.length > 0 ? style.dim(`; no vector for ${report.untested.join(', ')}`) : ''}`,
        ...report.failures.map(
          (f) =>
            `    ${f.name}: ${f.message}\n      expected ${JSON.stringify(f.expected)}\n      got      ${JSON.stringify(f.actual)}`,
        ),
      ]),
      ...(reports.length === 0 ? [noVectors(vectors.length, issues.length > 0)] : []),
    ].join('\n'),
  );
  const broken = issues.some((issue) => issue.severity === 'error');
  if (failures > 0 || broken || reports.length === 0) context.setExitCode(exitCodes.failed);
};

/** For vendors and engineers: `lint`, `test` and `try` need no agent, the others ask it. */
export const addProfile = (program: Command, run: Runner) => {
  const profile = program.command('profile').description('device profiles: what a model is, as data');
  profile
    .command('lint [path]')
    .description('check a profile, a folder of them, or those that came with HallHub')
    .action(run((context, target: string | undefined) => lint(context, target)));
  profile
    .command('test [path]')
    .description('run the vectors: raw bytes to expected readings')
    .action(run((context, target: string | undefined) => test(context, target)));
  addProfileUnit(profile, run);
  addProfileTry(profile, run);
};
