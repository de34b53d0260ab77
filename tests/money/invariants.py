"""What must hold after every step, in plain SQL on a connection of its own."""

CHECKS = {
    "a balance is never negative": """
        SELECT id, balance FROM huolie_wallet WHERE balance < 0""",
    "a balance is the sum of its movements": """
        SELECT w.id, w.balance, SUM(e.amount) FROM huolie_wallet w
          LEFT JOIN huolie_wallet_entry e ON e.wallet_id = w.id
         GROUP BY w.id HAVING w.balance <> COALESCE(SUM(e.amount), 0)""",
    "each movement has the balance after it": """
        SELECT id FROM (SELECT id, balance_after, SUM(amount) OVER
               (PARTITION BY wallet_id ORDER BY id) total FROM huolie_wallet_entry) x
         WHERE balance_after <> total""",
    "an arrived recharge is credited once and booked": """
        SELECT r.id FROM huolie_recharge r
          LEFT JOIN huolie_wallet_entry e ON e.res_model = 'huolie.recharge'
               AND e.res_id = r.id AND e.kind = 'recharge'
          LEFT JOIN account_payment p ON p.id = r.payment_id
         WHERE r.state = 'approved'
         GROUP BY r.id, p.id
        HAVING COUNT(e.id) <> 1 OR MAX(e.amount) <> r.amount_received
            OR p.id IS NULL OR p.amount <> r.amount_received""",
    "a line of the bank funds one transfer, with its amount": """
        SELECT l.id, l.state, r.state FROM huolie_bank_line l
          LEFT JOIN huolie_recharge r ON r.id = l.recharge_id
         WHERE (l.state = 'matched') <> (r.id IS NOT NULL)
            OR r.state NOT IN ('matched', 'approved')
            OR r.amount_received <> l.amount""",
    "a matched transfer has its line": """
        SELECT r.id FROM huolie_recharge r
          LEFT JOIN huolie_bank_line l ON l.recharge_id = r.id
         WHERE r.state = 'matched' AND l.id IS NULL""",
    "nothing else is credited as a recharge": """
        SELECT e.id FROM huolie_wallet_entry e LEFT JOIN huolie_recharge r
            ON r.id = e.res_id AND r.state = 'approved'
         WHERE e.kind = 'recharge' AND r.id IS NULL""",
    "charges are what was paid": """
        SELECT e.id FROM huolie_wallet_entry e LEFT JOIN huolie_charge c
            ON c.entry_id = e.id
         WHERE e.kind IN ('open', 'renew')
         GROUP BY e.id HAVING e.amount <> -COALESCE(SUM(c.amount), 0)""",
    "a gift is used as much as its charges say": """
        SELECT g.id, g.used, SUM(c.discount) FROM huolie_gift g
          LEFT JOIN huolie_charge c ON c.gift_id = g.id
         GROUP BY g.id HAVING COALESCE(g.used, 0) <> COALESCE(SUM(c.discount), 0)
            OR (g.kind = 'amount' AND g.used > g.amount)""",
    "received money is on one fapiao at most": """
        SELECT f.enterprise_id FROM huolie_fapiao f
         WHERE f.state IN ('submitted', 'accepted', 'issued', 'delivered')
         GROUP BY f.enterprise_id HAVING SUM(f.amount) >
               (SELECT COALESCE(SUM(r.amount_received), 0) FROM huolie_recharge r
                 WHERE r.enterprise_id = f.enterprise_id AND r.state = 'approved')
             - (SELECT COALESCE(SUM(b.amount), 0) FROM huolie_refund b
                 WHERE b.enterprise_id = f.enterprise_id AND b.kind <> 'charge'
                   AND b.state IN ('held', 'sent', 'done'))""",
    "a source is given back once at most": """
        SELECT b.charge_id, b.recharge_id FROM huolie_refund b
          LEFT JOIN huolie_charge c ON c.id = b.charge_id AND b.kind = 'charge'
          LEFT JOIN huolie_recharge r ON r.id = b.recharge_id
         WHERE b.state IN ('held', 'sent', 'done')
           AND (c.id IS NOT NULL OR r.id IS NOT NULL)
         GROUP BY b.charge_id, b.recharge_id, c.amount, r.amount_received
        HAVING SUM(b.amount) > COALESCE(c.amount, r.amount_received)""",
    "no seat pays a day twice": """
        SELECT a.id, b.id FROM huolie_charge a
          JOIN huolie_charge_huolie_seat_rel x ON x.huolie_charge_id = a.id
          JOIN huolie_charge_huolie_seat_rel y ON y.huolie_seat_id = x.huolie_seat_id
          JOIN huolie_charge b ON b.id = y.huolie_charge_id AND b.id > a.id
         WHERE a.kind <> 'correction' AND b.kind <> 'correction'
           AND a.date_start < b.date_end AND b.date_start < a.date_end""",
    "service that is bought was paid": """
        SELECT s.id FROM huolie_seat s JOIN huolie_enterprise t
            ON t.id = s.enterprise_id
         WHERE s.bought_until IS NOT NULL AND s.bought_until = t.service_until
           AND NOT EXISTS (SELECT 1 FROM huolie_charge_huolie_seat_rel x
                  JOIN huolie_charge c ON c.id = x.huolie_charge_id
                 WHERE x.huolie_seat_id = s.id AND c.date_end = t.service_end)""",
    "all bought service ends on one day": """
        SELECT s.id FROM huolie_seat s JOIN huolie_enterprise t
            ON t.id = s.enterprise_id WHERE s.bought_until > t.service_until""",
    "the two books agree": """
        SELECT w.enterprise_id, w.balance, h.total, a.total, c.total
          FROM huolie_wallet w
          LEFT JOIN (SELECT enterprise_id, SUM(amount) total FROM huolie_refund
                      WHERE state IN ('held', 'sent') GROUP BY 1) h
         USING (enterprise_id)
          LEFT JOIN (SELECT m.huolie_enterprise_id enterprise_id,
                            SUM(l.amount_residual) total
                       FROM account_move_line l JOIN account_move m ON m.id = l.move_id
                       JOIN res_company o ON o.huolie_advance_account_id = l.account_id
                      WHERE l.parent_state = 'posted' GROUP BY 1) a
         USING (enterprise_id)
          LEFT JOIN (SELECT enterprise_id, SUM(amount) total FROM huolie_charge
                      WHERE move_id IS NULL GROUP BY 1) c USING (enterprise_id)
         WHERE w.balance + COALESCE(h.total, 0)
               <> -COALESCE(a.total, 0) - COALESCE(c.total, 0)""",
    "an invoice is the sum of its charges": """
        SELECT m.id FROM account_move m JOIN huolie_charge c ON c.move_id = m.id
         GROUP BY m.id HAVING SUM(c.amount) <> m.amount_total_signed""",
    "a fapiao in work is the sum of its charges": """
        SELECT f.id FROM huolie_fapiao f LEFT JOIN huolie_charge c
            ON c.fapiao_id = f.id
         WHERE f.state IN ('submitted', 'accepted', 'issued', 'delivered')
         GROUP BY f.id HAVING f.amount <> COALESCE(SUM(c.amount), 0)""",
    "a decided refund moved its money once": """
        SELECT r.id, r.state FROM huolie_refund r LEFT JOIN huolie_wallet_entry e
            ON e.res_model = 'huolie.refund' AND e.res_id = r.id
         GROUP BY r.id HAVING COUNT(e.id) <> CASE r.state
              WHEN 'requested' THEN 0 WHEN 'refused' THEN 0
              WHEN 'released' THEN 2 ELSE 1 END""",
    "nobody works longer than the run may take to decide": """
        SELECT s.id, s.serve_until, s.bought_until FROM huolie_seat s
          JOIN huolie_enterprise t ON t.id = s.enterprise_id
         WHERE NOT s.is_trial_seat AND s.serve_until > s.bought_until
           AND (s.serve_until > s.bought_until + interval '12 hours'
                OR t.service_suspended OR NOT t.auto_renew OR NOT s.renew)""",
    "who is interrupted is not served": """
        SELECT s.id FROM huolie_seat s JOIN huolie_enterprise t
            ON t.id = s.enterprise_id
         WHERE t.service_suspended AND s.bought_until > t.service_until""",
}


def broken(connection):
    """Return ``{what: rows}`` of every invariant that does not hold."""
    found = {}
    with connection.cursor() as cursor:
        for name, query in CHECKS.items():
            cursor.execute(query)
            rows = cursor.fetchmany(5)
            if rows:
                found[name] = rows
    return found
