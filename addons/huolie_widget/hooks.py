def post_init_hook(env):
    """Give sites that were there before this addon their styles and form fields."""
    env["huolie.site"].with_context(active_test=False).search([])._ensure_looks()
