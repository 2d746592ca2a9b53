def evaluate(e,prec):
    import mpmath as mp, sympy
    h,k,r=[mp.mpf(str(t.evalf(30))) for t in e.args]
    mp.mp.dps=25
    if type(e).__name__=="conditional_score": v=(h-r*k)/mp.sqrt(1-r*r)
    else: v=mp.ncdf(h)*mp.ncdf(k)+mp.quad(lambda t: mp.exp(-(h*h+k*k-2*h*k*mp.sin(t))/(2*mp.cos(t)**2))/(2*mp.pi),[0,mp.asin(r)])
    return sympy.Float(str(v),25)
def sign_of_number(e):
    v=e.evalf(30); return 0 if v==0 else (1 if v>0 else -1)
