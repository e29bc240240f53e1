// Which news of a job count. They come by several ways, and not always in their order: `rev` tells what is newer. Pure.

/**
 * Whether `job` is newer than `was`. Between two changes of `rev` there is progress, which only the socket (`live`) tells
 * in its order.
 */
export function isNews(was, job, live = false) {
  return !was || job.rev > was.rev || (live && job.rev === was.rev);
}

/** A job with the news of a progress frame; the very same job, if the frame is older than it. */
export function withProgress(job, frame) {
  if (!isNews(job, frame, true)) return job;
  return {
    ...job,
    rev: frame.rev,
    progress: frame.progress,
    processed_items: frame.processed,
    total_items: frame.total,
    message: frame.message,
    stage: frame.stage,
    rate: frame.rate,
    eta_seconds: frame.eta_seconds,
  };
}
