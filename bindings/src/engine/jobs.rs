//! The microtask queue: promise jobs in order, drained after every callback. Timers are the session's, not the
//! engine's, and nothing here waits.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use boa_engine::job::{Job, JobExecutor, PromiseJob};
use boa_engine::{Context, JsResult};

/// The promise jobs of one session.
#[derive(Default)]
pub(super) struct Jobs {
    queue: RefCell<VecDeque<PromiseJob>>,
}

impl Jobs {
    /// Runs jobs until there are none; each counts against the callback that made it.
    ///
    /// # Errors
    /// A limit that was exceeded; the remaining jobs are dropped then.
    pub(super) fn drain(&self, context: &mut Context) -> JsResult<()> {
        loop {
            let Some(job) = self.queue.borrow_mut().pop_front() else { return Ok(()) };
            let ran = job.call(context).and_then(|_| voxrun_sandbox::check(context));
            if ran.is_err() {
                self.queue.borrow_mut().clear();
                return ran;
            }
        }
    }
}

impl JobExecutor for Jobs {
    fn enqueue_job(self: Rc<Self>, job: Job, _: &mut Context) {
        // Finalisers depend on when the collector runs, and nothing else makes other jobs here: they are left out.
        if let Job::PromiseJob(job) = job {
            self.queue.borrow_mut().push_back(job);
        }
    }

    fn run_jobs(self: Rc<Self>, context: &mut Context) -> JsResult<()> {
        self.drain(context)
    }
}
