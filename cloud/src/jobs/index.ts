export { type JobDefinition, type Jobs, type StartJobsOptions, startJobs } from './start-jobs.js';
