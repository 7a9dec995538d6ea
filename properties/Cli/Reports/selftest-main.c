int main(int argc, char **argv)
{
	bool policy_wanted = argc == 2 && strcmp(argv[1], "--policy") == 0;
	if (argc > 1 && !policy_wanted) {
		fprintf(stderr, "usage: %s [--policy]\n", argv[0]);
		return KSFT_FAIL;
	}
	dprintf(1, "TAP version 13\n");
	if (sysconf(_SC_PAGESIZE) != (long)PAGE)
		skip_all("the scenario has pages of 4096 bytes");
	probe();
	if (policy_wanted)
		begin_policy();
	shared = mmap(0, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		skip_all("no memory");
	atomic_store(&shared->turn, 1);
	dprintf(1, "1..%d\n", STEPS);
	signal(SIGALRM, on_alarm);
	alarm(SECONDS);
	pid_t first = fork();
	if (first < 0)
		bail_out("fork failed");
	if (first == 0) {
		me = 0;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	} else {
		shared->pid[0] = first;
	}
	catch_signals();
	scenario();
	turn(STEPS + 1, me);
	if (me != CONTROLLER)
		_exit(0);
	dprintf(1, "# Totals: pass:%u fail:%u xfail:0 xpass:0 skip:%u error:0\n", shared->passed, shared->failed, shared->skipped);
	leave(shared->failed ? KSFT_FAIL : KSFT_PASS);
}
