import admin from './admin.json' with { type: 'json' };
import alarms from './alarms.json' with { type: 'json' };
import autoTickets from './autoTickets.json' with { type: 'json' };
import backups from './backups.json' with { type: 'json' };
import bundles from './bundles.json' with { type: 'json' };
import cameras from './cameras.json' with { type: 'json' };
import categories from './categories.json' with { type: 'json' };
import commands from './commands.json' with { type: 'json' };
import common from './common.json' with { type: 'json' };
import devices from './devices.json' with { type: 'json' };
import enrolment from './enrolment.json' with { type: 'json' };
import evidence from './evidence.json' with { type: 'json' };
import exchange from './exchange.json' with { type: 'json' };
import fieldWork from './fieldWork.json' with { type: 'json' };
import halls from './halls.json' with { type: 'json' };
import incidents from './incidents.json' with { type: 'json' };
import live from './live.json' with { type: 'json' };
import mailboxes from './mailboxes.json' with { type: 'json' };
import me from './me.json' with { type: 'json' };
import noticeChannels from './noticeChannels.json' with { type: 'json' };
import notices from './notices.json' with { type: 'json' };
import offices from './offices.json' with { type: 'json' };
import playback from './playback.json' with { type: 'json' };
import proof from './proof.json' with { type: 'json' };
import review from './review.json' with { type: 'json' };
import sensitiveWords from './sensitiveWords.json' with { type: 'json' };
import shell from './shell.json' with { type: 'json' };
import signIn from './signIn.json' with { type: 'json' };
import supervision from './supervision.json' with { type: 'json' };
import ticketDesk from './ticketDesk.json' with { type: 'json' };
import ticketForms from './ticketForms.json' with { type: 'json' };
import ticketImports from './ticketImports.json' with { type: 'json' };
import ticketKinds from './ticketKinds.json' with { type: 'json' };
import ticketStatistics from './ticketStatistics.json' with { type: 'json' };
import tickets from './tickets.json' with { type: 'json' };
import today from './today.json' with { type: 'json' };
import units from './units.json' with { type: 'json' };
import video from './video.json' with { type: 'json' };
import whatIf from './whatIf.json' with { type: 'json' };
import workCalendars from './workCalendars.json' with { type: 'json' };

export const resources = {
  admin,
  alarms,
  autoTickets,
  backups,
  bundles,
  cameras,
  categories,
  commands,
  common,
  devices,
  enrolment,
  evidence,
  exchange,
  fieldWork,
  halls,
  incidents,
  live,
  mailboxes,
  me,
  offices,
  noticeChannels,
  notices,
  playback,
  proof,
  review,
  sensitiveWords,
  shell,
  signIn,
  ticketStatistics,
  supervision,
  ticketDesk,
  ticketForms,
  ticketImports,
  ticketKinds,
  tickets,
  today,
  units,
  video,
  whatIf,
  workCalendars,
};
