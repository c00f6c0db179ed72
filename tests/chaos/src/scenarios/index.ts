import type { Scenario } from "../scenario.js";
import { badHandlers } from "./bad-handlers.js";
import { delaysAcrossKills } from "./delays-across-kills.js";
import { delaysInACrowd } from "./delays-in-a-crowd.js";
import { eventLoopBlock } from "./event-loop-block.js";
import { longTasks } from "./long-tasks.js";
import { manyQueues } from "./many-queues.js";
import { networkBlackHole } from "./network-black-hole.js";
import { networkHalfOpen } from "./network-half-open.js";
import { networkRepliesLost } from "./network-replies-lost.js";
import { networkRequestsLost } from "./network-requests-lost.js";
import { networkReset } from "./network-reset.js";
import { networkSlow } from "./network-slow.js";
import { permissionsRevoked } from "./permissions-revoked.js";
import { poison } from "./poison.js";
import { producerDies } from "./producer-dies.js";
import { producerOutrunsBroker } from "./producer-outruns-broker.js";
import { rabbitmqAlarm } from "./rabbitmq-alarm.js";
import { rabbitmqConnectionsClosed } from "./rabbitmq-connections-closed.js";
import { rabbitmqDiskFull } from "./rabbitmq-disk-full.js";
import { rabbitmqLeaderHangs } from "./rabbitmq-leader-hangs.js";
import { rabbitmqLeaderKilled } from "./rabbitmq-leader-killed.js";
import { rabbitmqNodeDown } from "./rabbitmq-node-down.js";
import { rabbitmqPartition } from "./rabbitmq-partition.js";
import { rabbitmqQueueDeleted } from "./rabbitmq-queue-deleted.js";
import { redisClock } from "./redis-clock.js";
import { redisClockDelays } from "./redis-clock-delays.js";
import { redisDiskFull } from "./redis-disk-full.js";
import { redisFailover } from "./redis-failover.js";
import { redisFlushall } from "./redis-flushall.js";
import { redisFull } from "./redis-full.js";
import { redisGroupDestroyed } from "./redis-group-destroyed.js";
import { redisOperator } from "./redis-operator.js";
import { redisReadOnly } from "./redis-read-only.js";
import { redisSlotMoves } from "./redis-slot-moves.js";
import { redisSplit } from "./redis-split.js";
import { replayByFour } from "./replay-by-four.js";
import { retriesAcrossKills } from "./retries-across-kills.js";
import { rollingUpgrade } from "./rolling-upgrade.js";
import { serverEmptied } from "./server-emptied.js";
import { serverKill } from "./server-kill.js";
import { serverKillEverysec } from "./server-kill-everysec.js";
import { serverPause } from "./server-pause.js";
import { serverRestart } from "./server-restart.js";
import { twoApps } from "./two-apps.js";
import { workerChurn } from "./worker-churn.js";
import { workerClock } from "./worker-clock.js";
import { workerDiesAtEachCall } from "./worker-dies-at-each-call.js";
import { workerKill } from "./worker-kill.js";
import { workerKillSettling } from "./worker-kill-settling.js";
import { workerPause } from "./worker-pause.js";
import { workerRestart } from "./worker-restart.js";
import { workerSecondSignal } from "./worker-second-signal.js";

/** Every scenario, in the order in which they are played. */
export const scenarios: readonly Scenario[] = [
  workerKill,
  workerKillSettling,
  workerDiesAtEachCall,
  workerPause,
  workerRestart,
  workerSecondSignal,
  workerChurn,
  rollingUpgrade,
  serverKill,
  serverKillEverysec,
  serverRestart,
  serverPause,
  serverEmptied,
  permissionsRevoked,
  redisFlushall,
  redisGroupDestroyed,
  redisOperator,
  redisFull,
  redisReadOnly,
  redisFailover,
  redisSplit,
  redisSlotMoves,
  rabbitmqConnectionsClosed,
  rabbitmqAlarm,
  rabbitmqQueueDeleted,
  rabbitmqLeaderKilled,
  rabbitmqLeaderHangs,
  rabbitmqNodeDown,
  rabbitmqPartition,
  networkReset,
  networkRepliesLost,
  networkRequestsLost,
  networkBlackHole,
  networkHalfOpen,
  networkSlow,
  producerDies,
  producerOutrunsBroker,
  longTasks,
  eventLoopBlock,
  delaysAcrossKills,
  delaysInACrowd,
  retriesAcrossKills,
  poison,
  badHandlers,
  replayByFour,
  twoApps,
  manyQueues,
  redisClock,
  redisClockDelays,
  workerClock,
  redisDiskFull,
  rabbitmqDiskFull,
];
