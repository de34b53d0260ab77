def post_init_hook(env):
    """Give a robot to every site that existed before this addon."""
    sites = env["huolie.site"].with_context(active_test=False).search([])
    env["huolie.robot"]._ensure_for(sites)
